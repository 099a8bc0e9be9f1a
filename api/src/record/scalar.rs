//! Plans of fields that show one column as it is.
use super::{
    ask::{Ask, Selected},
    cell::Cells,
    def::Render,
    json,
};
use crate::error::ApiError;

/// A renderer of one column; a missing cell is null.
fn cell<T>(
    column: usize,
    read: for<'a> fn(&Cells<'a>, usize) -> Option<T>,
    write: fn(&mut Vec<u8>, T),
) -> Result<Render, ApiError>
where
    T: 'static,
{
    Ok(Box::new(move |out, cells| match read(&cells, column) {
        Some(value) => write(out, value),
        None => json::null(out),
    }))
}

pub fn int(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    cell(columns[0], |cells, column| cells.int(column), json::int)
}

pub fn float(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    cell(columns[0], |cells, column| cells.float(column), json::float)
}

pub fn bool(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    cell(columns[0], |cells, column| cells.bool(column), json::bool)
}

pub fn string(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    Ok(Box::new(move |out, cells| match cells.text(column) {
        Some(text) => json::string(out, text),
        None => json::null(out),
    }))
}

/// An instant kept in microseconds since the Unix epoch, as RFC 3339 in UTC.
pub fn instant(_: &Ask<'_>, _: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    cell(columns[0], |cells, column| cells.int(column), json::instant)
}
