//! Answers of the floors as Rust has them, to be written by serde. They are what the product answers, byte by byte.
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Data<T> {
    data: T,
}

impl<T: Serialize> Data<T> {
    pub(super) fn bytes(data: T) -> Vec<u8> {
        serde_json::to_vec(&Data { data }).unwrap_or_default()
    }
}

#[derive(Serialize)]
pub(super) struct OneCity<'a> {
    pub(super) city: Option<City<'a>>,
}

#[derive(Serialize)]
pub(super) struct Cities<T> {
    pub(super) cities: T,
}

#[derive(Serialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counted<T> {
    pub(super) total_count: i64,
    pub(super) nodes: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paged<T> {
    pub(super) nodes: Vec<T>,
    pub(super) page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Serialize)]
pub(super) struct City<'a> {
    pub(super) id: &'a str,
    pub(super) slug: &'a str,
    pub(super) name: Cow<'a, str>,
    pub(super) country: Option<Country<'a>>,
    pub(super) population: Option<i64>,
    pub(super) description: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Country<'a> {
    pub(super) alpha2_code: &'a str,
}

#[derive(Serialize)]
pub(super) struct ShortCity<'a> {
    pub(super) id: &'a str,
    pub(super) slug: &'a str,
    pub(super) name: Cow<'a, str>,
    pub(super) population: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct WideCity<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) officials: Edges<'a>,
    pub(super) initiatives: Nodes<Initiative<'a>>,
}

#[derive(Serialize)]
pub(super) struct Edges<'a> {
    pub(super) edges: Vec<Official<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Official<'a> {
    pub(super) node: Named<'a>,
    pub(super) office_holding: Holding<'a>,
}

#[derive(Serialize)]
pub(super) struct Holding<'a> {
    pub(super) position: Named<'a>,
}

#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) name: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Initiative<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) status: Option<Status<'a>>,
    pub(super) challenges: Nodes<Named<'a>>,
}

#[derive(Serialize)]
pub(super) struct Status<'a> {
    pub(super) notation: &'a str,
}

#[derive(Deserialize)]
struct Wording<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

/// The first wording of a text, which is in the record's own language.
pub(super) fn own(text: &str) -> Option<Cow<'_, str>> {
    let wordings: Vec<Wording<'_>> = serde_json::from_str(text).ok()?;
    Some(wordings.into_iter().next()?.value)
}

pub(super) fn name(text: &str) -> Named<'_> {
    Named { name: own(text).unwrap_or_default() }
}
