//! A reverse proxy in front of the hub, and those who pretend to be one.

use hearth_api::{Limits, Rates};
use hearth_auth::Rate;
use hearth_hub::NetworkConfig;
use http::{Method, Request, StatusCode};

use crate::house::{House, Setup, request};

fn behind_a_proxy() -> NetworkConfig {
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a range")];
    NetworkConfig { trusted_proxies, ..NetworkConfig::default() }
}

/// Two requests an hour for each address.
fn strict() -> Limits {
    let rate = Rate { interval: std::time::Duration::from_secs(1_800), burst: 2 };
    Limits { rates: Rates { address: rate, ..Rates::default() }, ..Limits::default() }
}

fn from(client: &str) -> Request<String> {
    let mut request = request(Method::GET, "/healthz");
    request.headers_mut().insert("x-forwarded-for", client.parse().expect("visible"));
    request
}

/// promise: D-16, V-04. Behind a trusted proxy each client has its own bucket, and cannot take
/// another by writing an address in front of its own.
#[tokio::test]
async fn clients_behind_a_proxy_are_told_apart() {
    let setup = Setup { limits: strict(), network: behind_a_proxy(), ..Setup::default() };
    let house = House::built(setup).await;
    for client in ["203.0.113.7", "198.51.100.1, 203.0.113.7"] {
        assert_eq!(house.send(from(client)).await.status, StatusCode::OK);
    }
    let answer = house.send(from("198.51.100.2, 203.0.113.7")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.send(from("203.0.113.8")).await.status, StatusCode::OK);
}

/// promise: D-16. Without a trusted proxy nobody frees itself by naming another address.
#[tokio::test]
async fn a_stranger_gains_nothing_by_the_headers() {
    let house = House::built(Setup { limits: strict(), ..Setup::default() }).await;
    for client in ["203.0.113.1", "203.0.113.2"] {
        assert_eq!(house.send(from(client)).await.status, StatusCode::OK);
    }
    assert_eq!(house.send(from("203.0.113.3")).await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// promise: D-16. The host that the client named counts for what is cross-site, if it is ours.
#[tokio::test]
async fn the_clients_own_host_counts() {
    let house = House::networked(behind_a_proxy()).await;
    let ask = |lines: &[(&'static str, &str)]| {
        let mut request = request(Method::GET, "/api/v1/welcome");
        for (name, value) in lines {
            request.headers_mut().insert(*name, value.parse().expect("visible"));
        }
        house.send(request)
    };
    let own = [("origin", "https://hearth.test"), ("x-forwarded-host", "hearth.test")];
    assert_eq!(ask(&own).await.status, StatusCode::OK);
    let foreign = [("origin", "https://evil.test"), ("x-forwarded-host", "hearth.test")];
    assert_eq!(ask(&foreign).await.code(), "cross_site");
    assert_eq!(ask(&[("x-forwarded-host", "evil.test")]).await.code(), "wrong_host");
    assert_eq!(ask(&[("x-forwarded-proto", "http")]).await.code(), "plain_http");
}
