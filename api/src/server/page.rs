//! The page at `/`: the explorer for browsers, else where the API is, and a first query. And the schema as a text.
use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST},
        uri::Authority,
    },
    response::{Html, IntoResponse, Response},
};

use super::{explorer, state::App};

/// `{endpoint}` is where the API is, `{explorer}` what is to be said of the explorer.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>culturegraph</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 3rem auto; padding: 0 1rem }
  pre { padding: 1rem; overflow-x: auto; background: #8882; border-radius: .4rem }
  :root { color-scheme: light dark }
</style>
<h1>culturegraph</h1>
<p>A GraphQL API for knowledge about the cultural industries: cities, their officials, initiatives, challenges
and memberships, each fact with its source.</p>
<p>The endpoint is <code>{endpoint}</code>; ask it so:</p>
<pre>curl {endpoint} -H 'Content-Type: application/json' \
  -d '{"query": "{ city(by: {slug: \"ha-noi\"}) { name initiatives { nodes { name } } } }"}'</pre>
<p>The schema is <a href="schema.graphql">schema.graphql</a>.</p>
{explorer}</html>
"#;

/// For who meets this page in place of the explorer.
const NOT_BUILT: &str = "<p>This program was compiled without the explorer. From the sources, with Node.js and npm, \
    <code>npm --prefix explorer ci &amp;&amp; npm --prefix explorer run build &amp;&amp; cargo run --release</code> puts it here.</p>\n";

/// The page needs its styles, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(super) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    let explorer = explorer::page(&headers);
    let is_built = explorer.is_some();
    if let Some(explorer) = explorer.filter(|_| is_browser(&headers)) {
        return explorer;
    }
    let public = app.config().public_url.as_ref().map(|url| url.as_str());
    let html = text(&endpoint(public, &headers), is_built);
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The schema as clients' tools read it. As plain text, which browsers show where they would save another type.
pub(super) async fn schema(State(app): State<App>) -> Response {
    match app.sdl() {
        Some(sdl) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], sdl).into_response(),
        None => super::not_found().into_response(),
    }
}

/// Browsers ask for HTML by name. Programs like curl take anything, and a page that is all script tells them nothing.
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.into_iter().any(|value| value.contains("text/html"))
}

fn text(endpoint: &str, is_built: bool) -> String {
    PAGE.replace("{explorer}", if is_built { "" } else { NOT_BUILT })
        .replace("{endpoint}", &escaped(endpoint))
}

/// Where the reader's browser reaches the API: below the public URL, else where it found this page.
fn endpoint(public: Option<&str>, headers: &HeaderMap) -> String {
    if let Some(url) = public {
        return format!("{}/graphql", url.trim_end_matches('/'));
    }
    let host = headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    match host {
        Some(host) => format!("http://{host}/graphql"),
        None => "/graphql".to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_where_the_reader_is() {
        let mut headers = HeaderMap::new();

        assert_eq!(endpoint(None, &headers), "/graphql");
        headers.insert(HOST, HeaderValue::from_static("[::1]:8000"));
        assert_eq!(endpoint(None, &headers), "http://[::1]:8000/graphql");
        headers.insert(HOST, HeaderValue::from_static("a b<script>"));
        assert_eq!(endpoint(None, &headers), "/graphql");
        let public = Some("https://culture.example/api/");
        assert_eq!(endpoint(public, &headers), "https://culture.example/api/graphql");
    }

    #[test]
    fn the_page_says_how_to_build_the_explorer_where_it_is_not() {
        assert!(text("/graphql", false).contains("npm --prefix explorer run build"));
        let built = text("/graphql", true);
        assert!(!built.contains("npm") && !built.contains("{explorer}"));
    }

    #[test]
    fn what_is_not_ours_is_escaped() {
        assert_eq!(escaped("<a href='\"&\"'>"), "&lt;a href=&#39;&quot;&amp;&quot;&#39;&gt;");
    }
}
