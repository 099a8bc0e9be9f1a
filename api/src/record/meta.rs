//! async-graphql's registry entries, with all that this schema never uses filled in.
use async_graphql::{
    indexmap::{IndexMap, IndexSet},
    registry::{Deprecation, MetaEnumValue, MetaField, MetaInputValue, MetaType},
};

use super::def::Argument;

pub(super) fn object(
    name: String,
    about: &str,
    fields: Vec<MetaField>,
    rust_typename: &'static str,
) -> MetaType {
    MetaType::Object {
        name,
        description: Some(about.to_owned()),
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: vec![],
        is_subscription: false,
        rust_typename: Some(rust_typename),
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}

pub(super) fn union_type(name: String, about: &str, possible_types: IndexSet<String>) -> MetaType {
    MetaType::Union {
        name,
        description: Some(about.to_owned()),
        possible_types,
        visible: None,
        inaccessible: false,
        tags: vec![],
        rust_typename: Some("record"),
        directive_invocations: vec![],
    }
}

pub(super) fn field(name: &str, ty: &str, about: &str, arguments: &[Argument]) -> MetaField {
    let mut field = MetaField {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        args: IndexMap::new(),
        ty: ty.to_owned(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: vec![],
        override_from: None,
        compute_complexity: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    };
    for argument in arguments {
        add_argument(&mut field, argument);
    }
    field
}

pub(super) fn add_argument(field: &mut MetaField, argument: &Argument) {
    let value =
        input_value(argument.name, argument.ty.to_owned(), argument.about, argument.default);
    field.args.insert(argument.name.to_owned(), value);
}

pub(super) fn input_value(
    name: &str,
    ty: String,
    about: &str,
    default: Option<&str>,
) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value: default.map(str::to_owned),
        visible: None,
        inaccessible: false,
        tags: vec![],
        is_secret: false,
        directive_invocations: vec![],
    }
}

pub(super) fn enum_value(name: String, about: &str) -> MetaEnumValue {
    MetaEnumValue {
        name,
        description: Some(about.to_owned()),
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: vec![],
        directive_invocations: vec![],
    }
}
