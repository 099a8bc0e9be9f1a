//! Who calls, by what a request or a connection says of itself: a key, or else the address that it comes from.
use std::{net::IpAddr, time::Duration};

use axum::http::header::AUTHORIZATION;
use serde_json::{Map, Value as Json};
use tokio::time::Instant;

use super::{
    run::{Connected, Hello, not_ready},
    state::App,
};
use crate::{
    auth::{Caller, Denied, Network, Scope, Unproven},
    config::Proxies,
    error::{ApiError, Code},
    gate::Refusal,
};

/// The address at the other end of a connection, as an extension of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Peer {
    pub(super) fn of<B>(request: &axum::http::Request<B>) -> Option<Peer> {
        request.extensions().get().copied()
    }
}

/// The header that proxies put the address of their own client into, at its end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Finds out who calls.
pub(super) async fn connect(app: &App, hello: Hello<'_>) -> Result<Connected<Caller>, Refusal> {
    let Some(database) = app.database() else { return Err(not_ready(app)) };
    let reads_openly = app.config().anonymous_reads;
    let Some(secret) = secret(hello)? else {
        let network = network(&app.config().trusted_proxies, hello);
        let caller = Caller::anonymous(app.budgets().of_network(network));
        return match reads_openly {
            true => Ok(Connected { caller, expires: None }),
            false => Err(ApiError::from(Denied::Unknown(Scope::Read)).into()),
        };
    };
    let caller = app.keys().caller(database, app.budgets(), secret).await.map_err(unproven)?;
    if !reads_openly {
        caller.may(Scope::Read).map_err(ApiError::from)?;
    }
    let expires_at = caller.key().and_then(|key| key.expires_at);
    let expires = expires_at.and_then(|at| {
        let left = u64::try_from(at.saturating_sub(app.clock().micros())).unwrap_or_default();
        // What is too far away for the clock never comes.
        Instant::now().checked_add(Duration::from_micros(left))
    });
    Ok(Connected { caller, expires })
}

/// Whether somebody who stays connected is still known.
pub(super) async fn is_still(app: &App, caller: &Caller) -> bool {
    match (caller.key(), app.database()) {
        (Some(key), Some(database)) => app.keys().is_still(database, app.budgets(), key).await,
        _ => true,
    }
}

fn unproven(why: Unproven) -> Refusal {
    match why {
        Unproven::Failed(error) => {
            tracing::error!(%error, "a key cannot be looked up");
            let message = "it cannot be found out who calls: try again in a moment";
            Refusal::new(Code::Unavailable, message)
        }
        why => Refusal::new(Code::Unauthenticated, why.to_string()),
    }
}

/// The secret that stands in `connection_init` or in the header; what is there and holds none is not overlooked.
fn secret(hello: Hello<'_>) -> Result<Option<&str>, Refusal> {
    let given = match of_payload(hello.payload) {
        Some(value) => value.as_str(),
        None => match hello.headers.get(AUTHORIZATION) {
            Some(value) => value.to_str().ok(),
            None => return Ok(None),
        },
    };
    let bearer = given.and_then(|given| given.trim().split_once(' '));
    match bearer {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(secret.trim())),
        _ => {
            let message = "`Authorization` is `Bearer` and an API key, with a blank between them";
            Err(Refusal::new(Code::Unauthenticated, message))
        }
    }
}

/// Clients write the name as they would write the header's.
fn of_payload(payload: &Map<String, Json>) -> Option<&Json> {
    let named = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    named.map(|(_, value)| value).filter(|value| !value.is_null())
}

/// Where a request comes from. Each proxy puts the address that it was called from at the end, so the header is read
/// backwards, and no further than it is told by proxies that are trusted: what stands before may be anybody's invention.
fn network(proxies: &Proxies, hello: Hello<'_>) -> Network {
    let Some(Peer(mut address)) = hello.peer else { return Network::default() };
    let hops = hello.headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = hops.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        match address_of(hop) {
            Some(before) if proxies.contains(address) => address = before,
            _ => break,
        }
    }
    address.into()
}

/// The address in an entry, which may have a port behind it.
fn address_of(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let with_port = || entry.parse().map(|it: std::net::SocketAddr| it.ip());
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    entry.parse().or_else(|_| with_port()).ok().or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_secret_is_where_it_may_be_and_nothing_is_overlooked() {
        for (header, payload, expected) in [
            (&[][..], json!({}), Ok(None)),
            (&["Bearer a"], json!({}), Ok(Some("a"))),
            (&["bearer  a "], json!({}), Ok(Some("a"))),
            (&[], json!({ "Authorization": "Bearer a" }), Ok(Some("a"))),
            (&["Bearer b"], json!({ "authorization": "Bearer a" }), Ok(Some("a"))),
            (&["Bearer b"], json!({ "Authorization": null }), Ok(Some("b"))),
            (&["Basic a"], json!({}), Err(())),
            (&["a"], json!({}), Err(())),
            (&[""], json!({}), Err(())),
            (&["Bearer b"], json!({ "Authorization": 1 }), Err(())),
        ] {
            let headers = headers("authorization", header);
            let payload = payload.as_object().unwrap();
            let hello = Hello { headers: &headers, payload, peer: None };

            assert_eq!(secret(hello).map_err(drop), expected, "{header:?} {payload:?}");
        }
    }

    #[test]
    fn an_address_is_as_far_away_as_trusted_proxies_say() {
        let proxies = Proxies::parse("10.0.0.0/8").unwrap();
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            // Whoever is no proxy of ours can say what they like.
            ("192.0.2.1", &["192.0.2.9"], "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.9"], "192.0.2.9"),
            ("10.0.0.1", &["192.0.2.8, 192.0.2.9"], "192.0.2.9"),
            ("10.0.0.1", &["192.0.2.9, 10.0.0.2"], "192.0.2.9"),
            ("10.0.0.1", &["192.0.2.9", "10.0.0.2,10.0.0.3"], "192.0.2.9"),
            ("10.0.0.1", &["192.0.2.9:4711"], "192.0.2.9"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["192.0.2.9, unknown"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            let headers = headers(FORWARDED_FOR, forwarded);
            let peer = Some(Peer(peer.parse().unwrap()));

            let found = network(&proxies, Hello::of(&headers, peer));

            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(found, expected.into(), "{forwarded:?}");
        }
    }
}
