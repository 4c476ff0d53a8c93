//! Searching and asking over HTTP.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{Browser, House, json as json_request, request};

const LOOKED_EVERY: Duration = Duration::from_millis(50);

/// Facts are stored a moment after they happened.
async fn signed_in(house: &House) -> Browser<'_> {
    let admin = house.browser().await;
    loop {
        let events = admin.get("/api/v1/events?kind=signed_in").await.json();
        if events["events"].as_array().is_some_and(|events| !events.is_empty()) {
            return admin;
        }
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}

/// Checklist 43 and 45: an answer has a conversation, which goes on, is its owner's alone, and can be
/// removed.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_and_is_its_owners_alone() {
    let house = House::start().await;
    let admin = signed_in(&house).await;
    let body = json!({ "text": "Wie viele… what happened at cam-01's door at 14:30?" });
    let answer = admin.change(json_request(Method::POST, "/api/v1/questions", &body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let first = answer.json();
    assert_eq!(first["kind"], "clarification");
    let body = json!({ "text": "What happened today?", "conversation": first["conversation"] });
    let answer = admin.change(json_request(Method::POST, "/api/v1/questions", &body)).await.json();
    assert_eq!(answer["conversation"], first["conversation"]);
    assert_eq!(answer["kind"], "answer", "{answer}");
    assert!(answer["figures"][0]["value"].as_i64().is_some_and(|count| count > 0));
    let event = answer["evidence"][0]["id"].as_str().expect("an id").to_owned();
    let similar = admin.get(&format!("/api/v1/events/{event}/similar")).await;
    assert_eq!(
        (similar.status, similar.code()),
        (StatusCode::BAD_REQUEST, "not_an_activity".into())
    );
    let path = format!("/api/v1/conversations/{}", answer["conversation"].as_str().expect("an id"));
    assert_eq!(admin.get(&path).await.json()["turns"][1]["text"], "What happened today?");
    house.add_user(&admin, "ben", "viewer", json!({})).await;
    let ben = house.browser_of("ben").await;
    assert_eq!(ben.get(&path).await.status, StatusCode::NOT_FOUND);
    let removed = ben.change(request(Method::DELETE, &path)).await;
    assert_eq!(removed.status, StatusCode::NOT_FOUND);
    let removed = admin.change(request(Method::DELETE, &path)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let listed = admin.get("/api/v1/conversations").await.json();
    assert_eq!(listed["conversations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_filters_and_kept_searches_work_over_http() {
    let house = House::start().await;
    let admin = signed_in(&house).await;
    let page =
        admin.get("/api/v1/search?q=sign%20ins%20today&kind=signed_in&kind=ring").await.json();
    assert_eq!(page["items"][0]["kind"], "signed_in", "{page}");
    assert!(page["items"][0]["text"].as_str().is_some_and(|text| text.ends_with("signed in.")));
    assert_eq!(page["understood"][1]["meaning"], "time");
    let page = admin.get("/api/v1/search?q=blue").await.json();
    assert_eq!((&page["items"], &page["not_understood"]), (&json!([]), &json!(["blue"])));
    let long = admin.get(&format!("/api/v1/search?q={}", "x".repeat(301))).await;
    assert_eq!(long.code(), "query_too_long");
    for wrong in ["kind=nothing", "limit=1000", "camera=x", "unknown=1", "before=x"] {
        let answer = admin.get(&format!("/api/v1/search?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let text = json!({ "text": "x".repeat(301) });
    let answer = admin.change(json_request(Method::POST, "/api/v1/questions", &text)).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::BAD_REQUEST, "question_too_long".into())
    );
    let kept = json!({ "name": "Rings", "q": "rings today" });
    let kept = admin.change(json_request(Method::POST, "/api/v1/searches", &kept)).await;
    assert_eq!(kept.status, StatusCode::CREATED);
    let path = format!("/api/v1/searches/{}", kept.json()["id"].as_str().expect("an id"));
    assert_eq!(admin.get("/api/v1/searches").await.json()["searches"][0]["q"], "rings today");
    let removed = admin.change(request(Method::DELETE, &path)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get("/api/v1/insights").await.json()["insights"], json!([]));
    let forecast = admin.get("/api/v1/forecast").await.json();
    assert_eq!(forecast, json!({ "state": "insufficient_data", "days": 0, "needed": 14 }));
}
