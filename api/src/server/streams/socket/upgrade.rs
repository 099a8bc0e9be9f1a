//! How a request becomes a socket (RFC 6455, section 4.2).
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode, Version,
        header::{
            CONNECTION, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
            SEC_WEBSOCKET_VERSION, UPGRADE,
        },
    },
    response::Response,
};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::protocol;
use crate::{
    error::Code,
    gate::Refusal,
    server::{accept::Media, answer},
};

/// The version of the protocol that all clients speak since 2011.
const VERSION: &str = "13";
/// Characters of a key: 16 bytes in base 64.
const KEY_LENGTH: usize = 24;

/// Whether a request wants to become a socket.
pub(crate) fn is_asked_for(headers: &HeaderMap) -> bool {
    names(headers, UPGRADE, "websocket")
}

/// A request that will be a socket when its response is sent.
pub(super) struct Upgrade {
    pub response: Response,
    pub socket: OnUpgrade,
    pub speaks_graphql: bool,
}

/// Why a request cannot become a socket.
pub(super) struct Unfit {
    status: StatusCode,
    message: &'static str,
}

impl Unfit {
    fn because(message: &'static str) -> Self {
        Unfit { status: StatusCode::BAD_REQUEST, message }
    }

    pub(super) fn into_response(self) -> Response {
        let refusal = Refusal::new(Code::BodyInvalid, self.message);
        let mut response = answer::refused_with(Media::GraphQl, self.status, &refusal);
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        response
    }
}

/// Answers the request.
///
/// Browsers let pages of any origin open sockets and leave it to us to look at the `Origin`, so those that may not read
/// answers are refused here. Where all may read there is nothing more to fear: no browser sends a proof by itself, since
/// proofs are in `connection_init` and never in cookies, and so no page can do anything in its reader's name. What is no
/// browser says no origin, or any.
pub(super) fn upgrade(
    request: &mut Request,
    origins: Option<&[HeaderValue]>,
) -> Result<Upgrade, Unfit> {
    let headers = request.headers();
    if let (Some(origins), Some(origin)) = (origins, headers.get(ORIGIN))
        && !origins.contains(origin)
    {
        let message = "pages of this origin may not ask";
        return Err(Unfit { status: StatusCode::FORBIDDEN, message });
    }
    if request.version() != Version::HTTP_11 || !names(headers, CONNECTION, "upgrade") {
        return Err(Unfit::because("a socket begins with HTTP/1.1 and `Connection: Upgrade`"));
    }
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        let message = "sockets speak version 13";
        return Err(Unfit { status: StatusCode::UPGRADE_REQUIRED, message });
    }
    let accept = match headers.get(SEC_WEBSOCKET_KEY) {
        Some(key) if key.len() == KEY_LENGTH => derive_accept_key(key.as_bytes()),
        _ => return Err(Unfit::because("`Sec-WebSocket-Key` is 16 bytes in base 64")),
    };
    let accept = HeaderValue::try_from(accept)
        .map_err(|_| Unfit::because("`Sec-WebSocket-Key` has no answer"))?;
    let speaks_graphql = names(headers, SEC_WEBSOCKET_PROTOCOL, protocol::NAME);

    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if speaks_graphql {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol::NAME));
    }
    Ok(Upgrade { response, socket: hyper::upgrade::on(request), speaks_graphql })
}

/// Whether a header that is a list has a name in it.
fn names(headers: &HeaderMap, header: HeaderName, name: &str) -> bool {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|it| it.trim().eq_ignore_ascii_case(name))
}
