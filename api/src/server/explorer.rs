//! The explorer: GraphiQL at `/`, with its files. They are built in `explorer/` and are in the binary if the build was there
//! when it was compiled.
use axum::{
    extract::Path,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

/// Names, as in addresses, and contents.
type Files = [(&'static str, &'static [u8])];

static FILES: &Files = include!(concat!(env!("OUT_DIR"), "/explorer.rs"));

/// The editor writes styles into the page and has small pictures in its own. All else comes from this server, and so do the
/// workers, which follow the policy that they come with. `'self'` is the WebSocket of the same host too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self'; img-src 'self' data:; worker-src 'self'; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The explorer's page; `None` if the binary is without it.
pub(super) fn page() -> Option<Response> {
    // The page names the files of one build, so browsers must not keep it.
    served(FILES, "index.html", "no-store")
}

/// The licences of the packages that the explorer is made of.
pub(super) async fn licences() -> Response {
    served(FILES, "licences.txt", "no-cache").unwrap_or_else(|| super::not_found().into_response())
}

/// A file of the explorer. Its name changes with its contents.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    served(FILES, &format!("assets/{name}"), "public, max-age=31536000, immutable")
        .unwrap_or_else(|| super::not_found().into_response())
}

fn served(files: &Files, name: &str, cached: &'static str) -> Option<Response> {
    let (_, contents) = files.iter().find(|(known, _)| *known == name)?;
    let mut response = Response::new((*contents).into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Some(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_as_what_it_is() {
        let files: &Files = &[("index.html", b"<!doctype html>"), ("assets/a.js", b"1")];

        let script = served(files, "assets/a.js", "immutable").unwrap();
        assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(script.headers()[CACHE_CONTROL], "immutable");
        assert!(served(files, "assets/b.js", "immutable").is_none());
        assert!(served(&[], "index.html", "no-store").is_none());
    }

    #[test]
    fn every_file_of_the_build_has_a_type() {
        for (name, contents) in FILES {
            assert_ne!(content_type(name), "application/octet-stream", "{name}");
            assert!(!contents.is_empty(), "{name}");
        }
    }
}
