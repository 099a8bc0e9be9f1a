//! Value objects: small object types made of a row's own cells, such as a text with its language.
use super::{
    ask::{Ask, Selected},
    json::{self, Keyed},
    price::Price,
};
use crate::{error::ApiError, value::lang::Lang};

/// An object type as the schema shows it.
pub struct ObjectShape {
    pub name: &'static str,
    pub about: &'static str,
    pub fields: &'static [ObjectField],
}

pub struct ObjectField {
    pub name: &'static str,
    pub ty: &'static str,
    pub about: &'static str,
    /// Whether it takes the argument `lang`.
    pub lang: bool,
    /// Of a list of objects, how many there are, and what each of them reads beside what is below it.
    pub price: Option<Price>,
}

impl ObjectField {
    pub const fn new(name: &'static str, ty: &'static str, about: &'static str) -> Self {
        ObjectField { name, ty, about, lang: false, price: None }
    }

    /// A list of objects that lead to records.
    pub const fn list(
        name: &'static str,
        ty: &'static str,
        about: &'static str,
        price: Price,
    ) -> Self {
        ObjectField { name, ty, about, lang: false, price: Some(price) }
    }

    pub const fn with_lang(name: &'static str, ty: &'static str, about: &'static str) -> Self {
        ObjectField { name, ty, about, lang: true, price: None }
    }
}

/// A value that is shown as an object.
pub trait Object {
    const SHAPE: ObjectShape;

    /// Writes the field at this place of the shape.
    fn write(&self, field: usize, langs: &[Lang], out: &mut Vec<u8>);
}

/// The fields of an object type that a selection picked.
pub struct Picked {
    name: &'static str,
    /// Place of the field, `None` for its type's name, and the languages it is wanted in.
    items: Keyed<(Option<usize>, Vec<Lang>)>,
}

impl Picked {
    pub fn new(
        ask: &Ask<'_>,
        shape: &ObjectShape,
        selected: &Selected<'_>,
    ) -> Result<Picked, ApiError> {
        let mut items = Vec::new();
        for inner in ask.select(shape.name, &selected.below()) {
            let place = shape.fields.iter().position(|field| field.name == inner.name());
            let takes_lang = place.is_some_and(|place| shape.fields[place].lang);
            let langs = match takes_lang {
                true => ask.languages(inner.field()).map_err(|e| e.below(inner.key))?,
                false => Vec::new(),
            };
            items.push((json::key(inner.key), (place, langs)));
        }
        Ok(Picked { name: shape.name, items })
    }

    pub fn write<O: Object>(&self, object: &O, out: &mut Vec<u8>) {
        json::list(out, json::OBJECT, &self.items, |out, (key, (field, langs))| {
            out.extend_from_slice(key);
            match field {
                Some(field) => object.write(*field, langs, out),
                None => json::string(out, self.name),
            }
        });
    }

    /// The object, or null.
    pub fn write_some<O: Object>(&self, object: Option<O>, out: &mut Vec<u8>) {
        match object {
            Some(object) => self.write(&object, out),
            None => json::null(out),
        }
    }
}
