//! Points on the earth and stretches of a text: objects of a few numbers.
use serde_json::Value as Json;

use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        def::Render,
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        write::{Cells, Mistake, Refs},
    },
    value::lang::Lang,
};

/// A point, WGS 84, in degrees.
pub struct GeoCoordinates {
    latitude: f64,
    longitude: f64,
}

impl Object for GeoCoordinates {
    const SHAPE: ObjectShape = ObjectShape {
        name: "GeoCoordinates",
        about: "A point on the earth, WGS 84.",
        fields: &[
            ObjectField::new("latitude", "Float!", "Degrees, -90 to 90, north is positive."),
            ObjectField::new("longitude", "Float!", "Degrees, -180 to 180, east is positive."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        json::float(out, if field == 0 { self.latitude } else { self.longitude });
    }
}

/// A point of two columns: latitude, longitude.
pub fn point(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let (latitude, longitude) = (columns[0], columns[1]);
    let picked = Picked::new(ask, &GeoCoordinates::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let point = cells.float(latitude).zip(cells.float(longitude));
        picked.write_some(
            point.map(|(latitude, longitude)| GeoCoordinates { latitude, longitude }),
            out,
        );
    }))
}

pub fn write_point(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let degrees = |name: &str, limit: f64| {
        let number =
            value.get(name).and_then(Json::as_f64).filter(|degrees| degrees.abs() <= limit);
        number.ok_or_else(|| {
            Mistake::format(format!("`{name}` is a number of degrees, from -{limit} to {limit}"))
        })
    };
    cells.set(columns[0], degrees("latitude", 90.0)?);
    cells.set(columns[1], degrees("longitude", 180.0)?);
    Ok(())
}

/// A stretch of a stored text, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSpan(pub [i64; 4]);

impl TextSpan {
    /// Whether the text at the span is the quote, by characters and by bytes alike; else what stands there.
    pub fn is_of(self, text: &str, quote: &str) -> Result<(), String> {
        let [char_start, char_end, byte_start, byte_end] =
            self.0.map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        let by_bytes = text.get(byte_start..byte_end);
        // Whether these are the same characters is sooner known by counting than by copying them.
        let before = text.get(..byte_start).map(|it| it.chars().count());
        if by_bytes == Some(quote)
            && before == Some(char_start)
            && char_end.checked_sub(char_start) == Some(quote.chars().count())
        {
            return Ok(());
        }
        let by_characters: String =
            text.chars().skip(char_start).take(char_end.saturating_sub(char_start)).collect();
        match (by_bytes, by_characters == quote) {
            (Some(found), true) if found == quote => Ok(()),
            (_, false) => Err(format!("`{by_characters}`")),
            (Some(found), true) => Err(format!("`{found}` at bytes {byte_start} to {byte_end}")),
            (None, true) => Err(format!("no text at bytes {byte_start} to {byte_end}")),
        }
    }

    /// Whether it lies in another span of the same text.
    pub fn lies_in(self, outer: TextSpan) -> bool {
        outer.0[0] <= self.0[0] && self.0[1] <= outer.0[1]
    }
}

/// The fields of a span, in the order of its columns.
pub const SPAN: [&str; 4] = ["charStart", "charEnd", "byteStart", "byteEnd"];

impl Object for TextSpan {
    const SHAPE: ObjectShape = ObjectShape {
        name: "TextSpan",
        about: "A stretch of a stored text, half-open: the end is the first place after it.",
        fields: &[
            ObjectField::new(SPAN[0], "Int!", "First character, in Unicode code points from 0."),
            ObjectField::new(SPAN[1], "Int!", "After the last character, in code points."),
            ObjectField::new(SPAN[2], "Int!", "First byte of the UTF-8 text, from 0."),
            ObjectField::new(SPAN[3], "Int!", "After the last byte of it."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        json::int(out, self.0[field]);
    }
}

/// A span of four columns.
pub fn span(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let places = [columns[0], columns[1], columns[2], columns[3]];
    let picked = Picked::new(ask, &TextSpan::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let [a, b, c, d] = places.map(|place| cells.int(place));
        let span = a.zip(b).zip(c.zip(d)).map(|((a, b), (c, d))| TextSpan([a, b, c, d]));
        picked.write_some(span, out);
    }))
}

/// The span that a value gives.
pub fn read_span(value: &Json) -> Result<TextSpan, Mistake> {
    let [a, b, c, d] =
        SPAN.map(|name| value.get(name).and_then(Json::as_i64).filter(|place| *place >= 0));
    match (a, b, c, d) {
        (Some(a), Some(b), Some(c), Some(d)) if a < b && c < d => Ok(TextSpan([a, b, c, d])),
        _ => Err(Mistake::format(
            "a span has charStart < charEnd and byteStart < byteEnd, whole numbers from 0",
        )),
    }
}

pub fn write_span(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    for (column, place) in columns.iter().zip(read_span(value)?.0) {
        cells.set(*column, place);
    }
    Ok(())
}
