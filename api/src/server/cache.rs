//! Answers to GET that others may keep: how long, and by which tag they ask whether it is still the same (RFC 9110, section
//! 8.8.3, and RFC 9111). Caches that many share keep only what was answered to somebody without a key, and give it only to
//! such.
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::Response,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::run::Answer;

/// The answer, or that it is the one which the client has; `is_anybodys` where nobody had to say who they are to get it. What failed may be right the next time, and is not kept.
pub(super) fn kept(
    headers: &HeaderMap,
    answer: Answer,
    is_anybodys: bool,
    response: impl FnOnce(Vec<u8>) -> Response,
) -> Response {
    let Answer { body, is_whole, max_age } = answer;
    if !is_whole {
        return response(body);
    }
    let tag = tag(&body);
    let is_known = knows(headers, &tag);
    let mut response = response(body);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
    }
    // Without a time it is asked about each time.
    let by_whom = if is_anybodys { "public" } else { "private" };
    let control = match max_age {
        Some(seconds) => format!("{by_whom}, max-age={seconds}"),
        None => format!("{by_whom}, no-cache"),
    };
    for (name, value) in [(ETAG, tag), (CACHE_CONTROL, control)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A weak tag: the same answer has other bytes when it is compressed.
fn tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let start = digest.get(..12).unwrap_or_default();
    format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(start))
}

/// Whether the client has the answer of this tag, or any.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given
        .flat_map(|list| list.split(','))
        .any(|given| given.trim() == "*" || opaque(given) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(if_none_match: &str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_str(if_none_match).unwrap());
        let answer = Answer { body: b"{}".to_vec(), is_whole: true, max_age: Some(60) };
        kept(&headers, answer, true, |body| Response::new(body.into()))
    }

    #[test]
    fn who_has_the_answer_gets_no_other() {
        let tag = tag(b"{}");
        let strong = tag.trim_start_matches("W/");
        for (given, status) in [
            (&*tag, 304),
            (strong, 304),
            (&format!("\"a\", {tag}"), 304),
            ("*", 304),
            ("\"a\"", 200),
            ("W/\"a\", \"b\"", 200),
            ("", 200),
        ] {
            let response = ask(given);
            assert_eq!(response.status().as_u16(), status, "{given}");
            assert_eq!(response.headers()[ETAG], *tag);
            assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=60");
        }
    }

    #[test]
    fn what_failed_is_not_kept() {
        let answer = Answer { body: vec![], is_whole: false, max_age: Some(60) };
        let response = kept(&HeaderMap::new(), answer, true, |body| Response::new(body.into()));

        assert!(response.headers().is_empty());
    }

    #[test]
    fn what_a_key_has_got_is_for_its_owner() {
        for (max_age, control) in [(Some(60), "private, max-age=60"), (None, "private, no-cache")] {
            let answer = Answer { body: vec![], is_whole: true, max_age };
            let response =
                kept(&HeaderMap::new(), answer, false, |body| Response::new(body.into()));

            assert_eq!(response.headers()[CACHE_CONTROL], control);
        }
    }
}
