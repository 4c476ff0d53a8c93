//! Those who ask too often.

use std::time::Duration;

use hearth_api::{Limits, Rates};
use hearth_auth::Rate;
use http::{Method, StatusCode};

use crate::house::{Answer, House, PASSWORD, request, sign_in};

/// So many at once, and one more an hour.
fn at_once(burst: u32) -> Rate {
    Rate { interval: Duration::from_secs(3_600), burst }
}

async fn house(rates: Rates) -> House {
    House::with(Limits { rates, ..Limits::default() }, Some(PASSWORD)).await
}

fn check_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.code(), "too_many_requests");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=3_600).contains(&wait), "{wait}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

/// promise: V-04, D-10. Every address of the server counts: routes, the dashboard's files, what does
/// not exist. The owner's socket stays open.
#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let house = house(Rates { address: at_once(4), ..Rates::default() }).await;
    for target in ["/healthz", "/", "/api/v1/nothing", "/api/v1/cameras"] {
        assert_ne!(house.get(target).await.status, StatusCode::TOO_MANY_REQUESTS, "{target}");
    }
    for target in ["/healthz", "/", "/nothing", "/api/v1/cameras"] {
        check_refused(&house.get(target).await);
    }
    let answer = house.control(request(Method::GET, "/api/v1/cameras")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// promise: V-04. Signing in is rarer than asking, whether the password is right or wrong.
#[tokio::test]
async fn sign_ins_are_limited_more_strictly() {
    let house = house(Rates { sign_in: at_once(2), ..Rates::default() }).await;
    assert_eq!(house.send(sign_in("wrong")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.send(sign_in(PASSWORD)).await.status, StatusCode::OK);
    check_refused(&house.send(sign_in(PASSWORD)).await);
    assert_eq!(house.get("/healthz").await.status, StatusCode::OK);
}

/// promise: V-04. An account is limited wherever it asks from; two sign-ins of it share the bucket.
#[tokio::test]
async fn an_account_is_limited_over_all_its_sign_ins() {
    let house = house(Rates { account: at_once(3), ..Rates::default() }).await;
    let (one, other) = (house.browser().await, house.browser().await);
    for browser in [&one, &other, &one] {
        assert_eq!(browser.get("/api/v1/cameras").await.status, StatusCode::OK);
    }
    check_refused(&one.get("/api/v1/cameras").await);
    check_refused(&other.get("/api/v1/cameras").await);
}

/// promise: V-04. What costs much is limited more strictly than what costs little.
#[tokio::test]
async fn costly_requests_have_a_bucket_of_their_own() {
    let house = house(Rates { heavy: at_once(1), ..Rates::default() }).await;
    let browser = house.browser().await;
    assert_eq!(browser.get("/api/v1/doctor").await.status, StatusCode::OK);
    check_refused(&browser.get("/api/v1/doctor").await);
    let camera = "/api/v1/cameras/cam_00000000000000000000000000000000";
    let span = "from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z";
    check_refused(&browser.get(&format!("{camera}/clip.mp4?{span}")).await);
    assert_eq!(browser.get("/api/v1/cameras").await.status, StatusCode::OK);
}
