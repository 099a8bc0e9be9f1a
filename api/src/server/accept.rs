//! The media type of an answer, from what the client accepts (RFC 9110, section 12.5.1, and GraphQL over HTTP, edition of
//! September 2026, sections 4.2 and 5.1).
use axum::http::{
    HeaderMap, HeaderName, StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE},
};

use crate::value::lang::{self, Lang};

/// How answers can be written. All are the same JSON; the type says whom a client can believe that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`.
    GraphQl,
    /// `application/json`, for clients that do not know the other one.
    Json,
}

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

impl Media {
    /// The best that a client accepts; `None` if it accepts none of ours. Clients that say nothing, or `*/*`, and those that
    /// like both alike, get the GraphQL type.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
        let accepted = values(headers, ACCEPT);
        if accepted.is_empty() {
            return Some(Media::GraphQl);
        }
        let ranges: Vec<Range> =
            accepted.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
        let (graphql, json) = (weight(&ranges, GRAPHQL), weight(&ranges, JSON));
        match graphql.max(json) {
            0 => None,
            _ if graphql >= json => Some(Media::GraphQl),
            _ => Some(Media::Json),
        }
    }

    /// The `Content-Type` of an answer. A client of the old kind gets the statuses of the new kind: it trusts JSON only when
    /// the status is 2xx, since anybody on the way can answer an error in JSON, and then it does not look at the type.
    pub(super) fn content_type(self, status: StatusCode) -> &'static str {
        match self {
            Media::Json if status.is_success() => "application/json; charset=utf-8",
            _ => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// Whether a client would rather have a stream of events than one answer. Clients that like both alike get one answer: some
/// list all that they can read with every query. One that names the stream and beside it only `*/*` means the stream.
pub(super) fn prefers_events(headers: &HeaderMap) -> bool {
    let accepted = values(headers, ACCEPT);
    let ranges: Vec<Range> =
        accepted.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    let (events, json) = (closest(&ranges, EVENTS), closest(&ranges, JSON));
    let is_named = |it: (u16, u8)| it.0 > 0;
    events > json.max(closest(&ranges, GRAPHQL)) && events.is_some_and(is_named)
}

/// The languages that a client wants, the most wanted first.
pub(super) fn languages(headers: &HeaderMap) -> Vec<Lang> {
    lang::accept_language(&values(headers, ACCEPT_LANGUAGE).join(","))
}

/// The values of a header that may be repeated; those that are not ASCII are none.
fn values(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

/// `application/json;q=0.9`: a range of media types, and its weight in thousandths.
struct Range<'h> {
    ty: &'h str,
    subtype: &'h str,
    weight: u16,
}

impl<'h> Range<'h> {
    fn parse(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (ty, subtype) = parts.next()?.split_once('/')?;
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
        });
        // A weight that is none says that the client is confused, and not that it accepts nothing.
        Some(Range { ty, subtype, weight: weight.flatten().unwrap_or(1000) })
    }

    /// How closely the range names a type; `None` if it does not.
    fn closeness(&self, ty: &str, subtype: &str) -> Option<u8> {
        match (self.ty, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(ty) => Some(1),
            (own, own_subtype)
                if own.eq_ignore_ascii_case(ty) && own_subtype.eq_ignore_ascii_case(subtype) =>
            {
                Some(2)
            }
            _ => None,
        }
    }
}

/// `0.85` is 850.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

/// The weight that the closest range gives a type.
fn weight(ranges: &[Range<'_>], media: &str) -> u16 {
    closest(ranges, media).map_or(0, |(weight, _)| weight)
}

/// The weight and the closeness of the range that names a type most closely.
fn closest(ranges: &[Range<'_>], media: &str) -> Option<(u16, u8)> {
    let (ty, subtype) = media.split_once('/')?;
    ranges
        .iter()
        .filter_map(|range| Some((range.weight, range.closeness(ty, subtype)?)))
        .max_by_key(|(_, closeness)| *closeness)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn negotiate(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        Media::negotiate(&headers)
    }

    #[test]
    fn the_best_accepted_type_is_chosen() {
        for (accept, expected) in [
            ("application/graphql-response+json", Some(Media::GraphQl)),
            ("application/json", Some(Media::Json)),
            ("Application/JSON; Charset=UTF-8", Some(Media::Json)),
            ("application/json, application/graphql-response+json", Some(Media::GraphQl)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphQl)),
            ("application/graphql-response+json;q=0.8, application/json;q=0.9", Some(Media::Json)),
            ("application/graphql-response+json;q=0, */*", Some(Media::Json)),
            ("*/*", Some(Media::GraphQl)),
            ("application/*", Some(Media::GraphQl)),
            ("application/*;q=0.1, application/json;q=0.2", Some(Media::Json)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Media::GraphQl)),
            ("application/json;q=2", Some(Media::Json)),
            ("application/json ; Q = 0.5", Some(Media::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("text/event-stream, application/jsonl", None),
            ("json", None),
            ("", None),
        ] {
            assert_eq!(negotiate(accept), expected, "{accept}");
        }
    }

    #[test]
    fn events_are_for_clients_that_would_rather_have_them() {
        for (accept, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream;charset=utf-8", true),
            ("text/event-stream, multipart/mixed", true),
            ("text/event-stream, */*", true),
            ("text/event-stream, application/json;q=0.9", true),
            ("text/*", true),
            ("application/graphql-response+json, application/json, text/event-stream", false),
            ("text/event-stream;q=0.9, application/json", false),
            ("text/event-stream;q=0", false),
            ("text/html, application/xhtml+xml, */*;q=0.8", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(prefers_events(&headers), expected, "{accept}");
        }
        assert!(!prefers_events(&HeaderMap::new()));
    }

    #[test]
    fn who_says_nothing_gets_the_type_of_graphql() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::GraphQl));
    }

    #[test]
    fn headers_that_are_repeated_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, HeaderValue::from_static("text/html"));
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));

        assert_eq!(Media::negotiate(&headers), Some(Media::Json));
    }
}
