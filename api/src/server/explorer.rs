//! The explorer: GraphiQL at `/`, with its files. They are built in `explorer/` and are in the binary if the build was there
//! when it was compiled.
use axum::{
    extract::Path,
    http::{
        HeaderMap, HeaderValue,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, VARY,
        },
    },
    response::{IntoResponse, Response},
};

/// Names, as in addresses, and contents. Large files are there once more, packed, with `.gz` after the name.
type Files = [(&'static str, &'static [u8])];

static FILES: &Files = include!(concat!(env!("OUT_DIR"), "/explorer.rs"));

/// The editor writes styles into the page and has small pictures in its own. All else comes from this server, and so do the
/// workers, which follow the policy that they come with. `'self'` is the WebSocket of the same host too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self'; img-src 'self' data:; worker-src 'self'; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The explorer's page; `None` if the binary is without it.
pub(super) fn page(headers: &HeaderMap) -> Option<Response> {
    // The page names the files of one build, so browsers must not keep it.
    served(FILES, "index.html", "no-store", headers)
}

/// The licences of the packages that the explorer is made of.
pub(super) async fn licences(headers: HeaderMap) -> Response {
    served(FILES, "licences.txt", "no-cache", &headers)
        .unwrap_or_else(|| super::not_found().into_response())
}

/// A file of the explorer. Its name changes with its contents.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    served(FILES, &format!("assets/{name}"), "public, max-age=31536000, immutable", &headers)
        .unwrap_or_else(|| super::not_found().into_response())
}

fn served(files: &Files, name: &str, cached: &'static str, asked: &HeaderMap) -> Option<Response> {
    let find = |name: &str| files.iter().find(|(known, _)| *known == name).map(|(_, file)| *file);
    let plain = find(name)?;
    let packed = if takes_gzip(asked) { find(&format!("{name}.gz")) } else { None };
    let mut response = Response::new(packed.unwrap_or(plain).into());
    let headers = response.headers_mut();
    if packed.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Some(response)
}

/// Whether a client says that it unpacks gzip, as all browsers do.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|it| it.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|it| it > 0.0)
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "gz" => "application/gzip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))])
    }

    #[test]
    fn a_file_is_served_as_what_it_is() {
        let files: &Files = &[("index.html", b"<!doctype html>"), ("assets/a.js", b"1")];

        let script = served(files, "assets/a.js", "immutable", &asked("gzip")).unwrap();
        assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(script.headers()[CACHE_CONTROL], "immutable");
        assert_eq!(script.headers().get(CONTENT_ENCODING), None);
        assert!(served(files, "assets/b.js", "immutable", &asked("gzip")).is_none());
        assert!(served(&[], "index.html", "no-store", &asked("gzip")).is_none());
    }

    #[test]
    fn who_unpacks_gzip_gets_the_packed_file() {
        let files: &Files = &[("assets/a.js", b"1"), ("assets/a.js.gz", b"packed")];

        for (encoding, is_packed) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0, identity", false),
            ("identity", false),
        ] {
            let script = served(files, "assets/a.js", "immutable", &asked(encoding)).unwrap();
            assert_eq!(script.headers().contains_key(CONTENT_ENCODING), is_packed, "{encoding}");
            assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        }
    }

    #[test]
    fn every_file_of_the_build_has_a_type() {
        for (name, contents) in FILES {
            assert_ne!(content_type(name), "application/octet-stream", "{name}");
            assert!(!contents.is_empty(), "{name}");
        }
    }
}
