//! What a client asks, from the body of a POST or the URL of a GET (GraphQL over HTTP, sections 4.3 and 4.4).
use std::borrow::Cow;

use async_graphql::Variables;
use axum::{
    body::Body,
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use crate::{
    error::Code,
    gate::{Asked, Refusal},
};

/// Whether the headers of a body say that it is what we read: JSON, as it is. A browser asks before it sends that type to
/// another origin, so no page can make its readers send us what they do not know.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_plain = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let ty = headers.get(CONTENT_TYPE).and_then(|ty| ty.to_str().ok()).unwrap_or_default();
    match is_plain && is_json(ty) {
        true => Ok(()),
        false => Err(Refusal::new(
            Code::MediaTypeNotSupported,
            "send the request with `Content-Type: application/json`, in UTF-8 and not compressed",
        )),
    }
}

fn is_json(ty: &str) -> bool {
    let mut parts = ty.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|ty| ty.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    is_json && parts.all(is_utf8)
}

/// Reads a body, and no more of it than is allowed.
pub(super) async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    let too_large = || {
        let message = format!("the body is larger than {most} bytes");
        Refusal::new(Code::BodyTooLarge, message)
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced: usize = announced.and_then(|length| length.parse().ok()).unwrap_or(0);
    if announced > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| Refusal::new(Code::BodyInvalid, "the body ends before its end"))?;
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The request parameters. Others are ignored, as the specification asks.
#[derive(Deserialize)]
#[serde(expecting = "an object with `query`")]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Map<String, Json>>,
}

/// What a body in JSON asks.
pub(super) fn of_json(bytes: &[u8]) -> Result<Asked, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        let message = "send one operation a request: a list of them is not taken";
        return Err(Refusal::new(Code::BatchNotAllowed, message));
    }
    let parameters: Parameters =
        serde_json::from_slice(bytes).map_err(|error| invalid("the body", &error))?;
    asked(parameters)
}

/// What a URL asks; variables are JSON in it.
pub(super) fn of_url(query: &str) -> Result<Asked, Refusal> {
    let mut parameters =
        Parameters { query: None, operation_name: None, variables: None, extensions: None };
    let (mut variables, mut extensions) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "query" => {
                parameters.query.get_or_insert(value.into_owned());
            }
            "operationName" => {
                parameters.operation_name.get_or_insert(value.into_owned());
            }
            "variables" => {
                variables.get_or_insert(value);
            }
            "extensions" => {
                extensions.get_or_insert(value);
            }
            _ => {}
        }
    }
    parameters.variables = json("variables", variables)?;
    parameters.extensions = json("extensions", extensions)?;
    asked(parameters)
}

/// A parameter that is JSON; an empty one is none.
fn json<T: for<'de> Deserialize<'de>>(
    name: &str,
    text: Option<Cow<'_, str>>,
) -> Result<Option<T>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    serde_json::from_str(&text).map_err(|error| invalid(&format!("`{name}`"), &error))
}

fn asked(parameters: Parameters) -> Result<Asked, Refusal> {
    let Parameters { query, operation_name, variables, extensions } = parameters;
    let Some(query) = query else {
        // Apollo's clients send a hash first, and the document when they read this very message.
        return Err(match extensions.is_some_and(|it| it.contains_key("persistedQuery")) {
            true => Refusal::new(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported"),
            false => Refusal::new(Code::BodyInvalid, "`query` is missing: it holds the document"),
        });
    };
    Ok(Asked { query, operation_name, variables: variables.unwrap_or_default() })
}

/// What is wrong with JSON, and where. The message may repeat a text of the client's, which may be long.
fn invalid(what: &str, error: &serde_json::Error) -> Refusal {
    let error = error.to_string();
    let message = match error.char_indices().nth(200) {
        Some((end, _)) => format!("{what} is not what it should be: {}…", &error[..end]),
        None => format!("{what} is not what it should be: {error}"),
    };
    Refusal::new(Code::BodyInvalid, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(result: Result<Asked, Refusal>) -> Option<Code> {
        result.err().map(|refusal| refusal.code)
    }

    #[test]
    fn json_in_utf8_is_read_and_nothing_else() {
        for (ty, is_read) in [
            ("application/json", true),
            ("Application/JSON;charset=UTF-8", true),
            ("application/json ; charset=\"utf-8\"; a=b", true),
            ("application/json; charset=utf-16", false),
            ("application/graphql", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=a", false),
            ("text/plain", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            assert_eq!(is_json(ty), is_read, "{ty}");
        }
    }

    #[test]
    fn bodies_of_the_right_shape_are_read() {
        let all = json!({
            "query": "{ ok }", "operationName": "A", "variables": {"a": [1, "\0"]}, "extensions": {}, "more": 1,
        });

        let asked = of_json(all.to_string().as_bytes()).unwrap();

        assert_eq!((&*asked.query, asked.operation_name.as_deref()), ("{ ok }", Some("A")));
        assert_eq!(serde_json::to_value(asked.variables).unwrap(), json!({"a": [1, "\0"]}));
        let nulls = json!({"query": "{ ok }", "operationName": null, "variables": null, "extensions": null});
        let plain = Asked { query: "{ ok }".to_owned(), ..Asked::default() };
        assert_eq!(of_json(nulls.to_string().as_bytes()).unwrap(), plain);
    }

    #[test]
    fn bodies_of_another_shape_are_refused() {
        let deep = format!("{{\"query\":\"\",\"variables\":{{\"a\":{}", "[".repeat(100_000));
        let long = format!("{{\"query\":\"\",\"variables\":\"{}\"}}", "x".repeat(1_000_000));
        for body in [
            "",
            "null",
            "1",
            "\"{ ok }\"",
            "{}",
            "{ ok }",
            "{\"query\":",
            "{\"query\":null}",
            "{\"query\":1}",
            "{\"query\":[\"{ ok }\"]}",
            "{\"qeury\":\"{ ok }\"}",
            "{\"query\":\"\",\"query\":\"\"}",
            "{\"query\":\"\",\"operationName\":1}",
            "{\"query\":\"\",\"operationName\":{}}",
            "{\"query\":\"\",\"variables\":[7]}",
            "{\"query\":\"\",\"variables\":\"{}\"}",
            "{\"query\":\"\",\"variables\":{\"a\":1e999}}",
            "{\"query\":\"\",\"extensions\":[]}",
            "{\"query\":\"\\ud800\"}",
            "{\"query\":\"\",\"variables\":{\"a\":\"\\udc00\"}}",
            "{\"query\":\"\"} {}",
            "\u{feff}{\"query\":\"\"}",
            &deep,
            &long,
        ] {
            let refusal = of_json(body.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::BodyInvalid, "{body}");
            assert!(refusal.errors[0].message.len() < 500);
        }
        assert_eq!(code(of_json(b"{\"query\":\"\xff\"}")), Some(Code::BodyInvalid));
    }

    #[test]
    fn lists_and_hashes_have_codes_of_their_own() {
        assert_eq!(code(of_json(b" [{\"query\":\"{ ok }\"}]")), Some(Code::BatchNotAllowed));
        let hash = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}});
        let refused = code(of_json(hash.to_string().as_bytes()));
        assert_eq!(refused, Some(Code::PersistedQueryNotSupported));
    }

    #[test]
    fn urls_are_read() {
        let asked = of_url(
            "query=query+A(%24a:Int)%7Bok%7D&operationName=A&variables=%7B%22a%22:1%7D&query=twice&more",
        );

        let asked = asked.unwrap();
        assert_eq!(asked.query, "query A($a:Int){ok}");
        assert_eq!(asked.operation_name.as_deref(), Some("A"));
        assert_eq!(serde_json::to_value(asked.variables).unwrap(), json!({"a": 1}));
        assert!(of_url("query=%7Bok%7D&variables=&extensions=&operationName=").is_ok());
    }

    #[test]
    fn urls_of_another_shape_are_refused() {
        for query in ["", "variables=%7B%7D", "query=&variables=1", "query=&variables=%7B"] {
            assert_eq!(code(of_url(query)), Some(Code::BodyInvalid), "{query}");
        }
    }
}
