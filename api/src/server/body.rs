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
    gate::{Asked, Hash, Refusal},
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

/// Room for most bodies, before any of it has come.
const FIRST_BYTES: usize = 16 * 1024;

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
    // What is announced is not there yet.
    let mut bytes = Vec::with_capacity(announced.min(FIRST_BYTES));
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
    /// What clients say beside the request. What we do not know of is ignored.
    extensions: Option<Map<String, Json>>,
}

/// A document by its hash, by the protocol of Apollo's clients.
#[derive(Deserialize)]
#[serde(expecting = "an object with `version` and `sha256Hash`")]
struct PersistedQuery {
    version: Option<u64>,
    #[serde(rename = "sha256Hash")]
    sha256_hash: Option<String>,
}

/// What a body asks.
#[derive(Debug)]
pub(super) enum Requests {
    One(Asked),
    /// Several, each with what is wrong with it.
    Batch(Vec<Result<Asked, Refusal>>),
}

/// What a body in JSON asks: one operation, or a list of at most `batch`.
pub(super) fn of_json(bytes: &[u8], batch: usize) -> Result<Requests, Refusal> {
    let is_list = bytes.trim_ascii_start().starts_with(b"[");
    if is_list && batch == 0 {
        let message = "send one operation a request: a list of them is not taken";
        return Err(Refusal::new(Code::BatchNotAllowed, message));
    }
    if !is_list {
        let parameters: Parameters = read_json(bytes)?;
        return asked(parameters).map(Requests::One);
    }
    // Objects first: an array would be taken for the parameters one after another.
    let list: Vec<Map<String, Json>> = read_json(bytes)?;
    if !(1..=batch).contains(&list.len()) {
        let message = format!("a list has 1 to {batch} operations, not {}", list.len());
        return Err(Refusal::new(Code::BatchNotAllowed, message).with("limit", batch as u64));
    }
    let one = |parameters| {
        let parameters = serde_json::from_value(Json::Object(parameters));
        parameters.map_err(|error| invalid("the operation", &error)).and_then(asked)
    };
    Ok(Requests::Batch(list.into_iter().map(one).collect()))
}

/// What a body in JSON asks where there is but one operation.
pub(super) fn one_of_json(bytes: &[u8]) -> Result<Asked, Refusal> {
    match of_json(bytes, 0)? {
        Requests::One(asked) => Ok(asked),
        Requests::Batch(_) => Err(Refusal::new(Code::BatchNotAllowed, "send one operation")),
    }
}

fn read_json<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| invalid("the body", &error))
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
    let persisted = extensions.and_then(|mut it| it.remove("persistedQuery"));
    let persisted = persisted.filter(|it| !it.is_null()).map(hash).transpose()?;
    if query.is_none() && persisted.is_none() {
        let message = "`query` is missing: it holds the document";
        return Err(Refusal::new(Code::BodyInvalid, message));
    }
    Ok(Asked { query, operation_name, variables: variables.unwrap_or_default(), persisted })
}

/// The hash of a document. Clients of Apollo's look at the very words of the first message, and then send the document.
fn hash(persisted: Json) -> Result<Hash, Refusal> {
    let wrong = |error: serde_json::Error| invalid("`persistedQuery`", &error);
    // An array would be taken for the fields one after another.
    let fields: Map<String, Json> = serde_json::from_value(persisted).map_err(wrong)?;
    let persisted: PersistedQuery = serde_json::from_value(Json::Object(fields)).map_err(wrong)?;
    if persisted.version != Some(1) {
        let message = "PersistedQueryNotSupported";
        return Err(Refusal::new(Code::PersistedQueryNotSupported, message));
    }
    persisted.sha256_hash.as_deref().and_then(Hash::parse).ok_or_else(|| {
        let message = "`sha256Hash` is the SHA-256 of the document, 64 hexadecimal digits";
        Refusal::new(Code::BodyInvalid, message)
    })
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

        let asked = one_of_json(all.to_string().as_bytes()).unwrap();

        assert_eq!(
            (asked.query.as_deref(), asked.operation_name.as_deref()),
            (Some("{ ok }"), Some("A"))
        );
        assert_eq!(serde_json::to_value(asked.variables).unwrap(), json!({"a": [1, "\0"]}));
        let nulls = json!({"query": "{ ok }", "operationName": null, "variables": null, "extensions": null});
        let plain = Asked { query: Some("{ ok }".to_owned()), ..Asked::default() };
        assert_eq!(one_of_json(nulls.to_string().as_bytes()).unwrap(), plain);
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
            let refusal = one_of_json(body.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::BodyInvalid, "{body}");
            assert!(refusal.errors[0].message.len() < 500);
        }
        assert_eq!(code(one_of_json(b"{\"query\":\"\xff\"}")), Some(Code::BodyInvalid));
    }

    #[test]
    fn a_list_is_taken_up_to_its_limit() {
        let list = |length: usize| json!(vec![json!({"query": "{ ok }"}); length]).to_string();
        let refusal = |bytes: &str, batch| of_json(bytes.as_bytes(), batch).unwrap_err().code;

        assert_eq!(refusal(&list(1), 0), Code::BatchNotAllowed);
        assert_eq!(refusal(" []", 2), Code::BatchNotAllowed);
        assert_eq!(refusal(&list(3), 2), Code::BatchNotAllowed);
        assert_eq!(refusal("[[\"{ ok }\"]]", 2), Code::BodyInvalid);
        let mixed = of_json(b"[{\"query\":\"{ ok }\"},{\"query\":1}]", 2).unwrap();
        let Requests::Batch(mixed) = mixed else { panic!("it is a list") };
        let codes: Vec<_> = mixed.into_iter().map(code).collect();
        assert_eq!(codes, [None, Some(Code::BodyInvalid)]);
    }

    #[test]
    fn hashes_are_read() {
        let hash = |version: u64, hash: &str| {
            let hash = json!({"version": version, "sha256Hash": hash, "miss": true});
            one_of_json(json!({"extensions": {"persistedQuery": hash}}).to_string().as_bytes())
        };
        let digits = "ab".repeat(32);

        let asked = hash(1, &digits).unwrap();
        assert_eq!((asked.query, asked.persisted), (None, Hash::parse(&digits)));
        assert_eq!(code(hash(2, &digits)), Some(Code::PersistedQueryNotSupported));
        assert_eq!(code(hash(1, "ab")), Some(Code::BodyInvalid));
        let list = json!({"extensions": {"persistedQuery": [1, digits]}, "query": "{ ok }"});
        assert!(one_of_json(list.to_string().as_bytes()).is_err());
        let none = json!({"extensions": {"persistedQuery": null}, "query": "{ ok }"});
        assert_eq!(one_of_json(none.to_string().as_bytes()).unwrap().persisted, None);
    }

    #[test]
    fn urls_are_read() {
        let asked = of_url(
            "query=query+A(%24a:Int)%7Bok%7D&operationName=A&variables=%7B%22a%22:1%7D&query=twice&more",
        );

        let asked = asked.unwrap();
        assert_eq!(asked.query.as_deref(), Some("query A($a:Int){ok}"));
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
