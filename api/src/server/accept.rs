//! The media type of an answer, from what the client accepts (RFC 9110, section 12.5.1, and GraphQL over HTTP, edition of
//! September 2026, sections 4.2 and 5.1).
use axum::http::{HeaderMap, StatusCode, header::ACCEPT};

/// How answers can be written. All are the same JSON; the type says whom a client can believe that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`.
    GraphQl,
    /// `application/json`, for clients that know no other one.
    Json,
    /// `application/json`, for those who did not say what they read: people at a terminal or in a browser, mostly.
    Any,
}

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

impl Media {
    /// The best that a client accepts; `None` if it accepts none of ours. Clients that like both alike get the GraphQL type.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
        let values: Vec<&str> =
            headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.is_empty() {
            return Some(Media::Any);
        }
        let ranges: Vec<Range> =
            values.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
        let (graphql, json) = (weight(&ranges, GRAPHQL), weight(&ranges, JSON));
        let is_named = |weight: (u8, u16)| weight.0 == NAMED;
        match graphql.1.max(json.1) {
            0 => None,
            _ if is_named(graphql) && graphql.1 >= json.1 => Some(Media::GraphQl),
            _ if json.1 == 0 => Some(Media::GraphQl),
            _ if is_named(json) => Some(Media::Json),
            _ => Some(Media::Any),
        }
    }

    /// Whether a request that could be read and was refused as GraphQL is answered with 200: a client of the old kind trusts
    /// JSON only then, since anybody on the way can answer an error in JSON.
    pub(super) fn hides_refusals(self) -> bool {
        self == Media::Json
    }

    /// The `Content-Type` of an answer. One with another status than 2xx is of the new type always: it says that the answer is
    /// ours.
    pub(super) fn content_type(self, status: StatusCode) -> &'static str {
        match self {
            Media::Json | Media::Any if status.is_success() => "application/json; charset=utf-8",
            _ => "application/graphql-response+json; charset=utf-8",
        }
    }
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
                Some(NAMED)
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

/// How closely a range names a type that it names.
const NAMED: u8 = 2;

/// How closely the closest range names a type, and the weight that it gives it.
fn weight(ranges: &[Range<'_>], media: &str) -> (u8, u16) {
    let Some((ty, subtype)) = media.split_once('/') else { return (0, 0) };
    let closest = ranges
        .iter()
        .filter_map(|range| Some((range.closeness(ty, subtype)?, range.weight)))
        .max_by_key(|(closeness, _)| *closeness);
    closest.unwrap_or((0, 0))
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
            ("application/graphql-response+json;q=0, */*", Some(Media::Any)),
            ("*/*", Some(Media::Any)),
            ("application/*", Some(Media::Any)),
            ("application/*;q=0.1, application/json;q=0.2", Some(Media::Json)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Media::Any)),
            ("application/graphql-response+json, */*;q=0.1", Some(Media::GraphQl)),
            ("application/json;q=0, */*", Some(Media::GraphQl)),
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
    fn who_says_nothing_gets_any() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Any));
    }

    #[test]
    fn headers_that_are_repeated_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, HeaderValue::from_static("text/html"));
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));

        assert_eq!(Media::negotiate(&headers), Some(Media::Json));
    }
}
