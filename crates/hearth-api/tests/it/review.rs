//! Pictures to look at, over HTTP.

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, json as sent};

#[tokio::test]
async fn what_is_queued_is_off_until_somebody_sets_it() {
    let house = House::start().await;
    let browser = house.browser().await;
    let settings = browser.get("/api/v1/review/settings").await.json();
    assert_eq!((&settings["is_on"], &settings["keep_days"]), (&json!(false), &json!(30)));
    assert_eq!(settings["available"], false, "there is no object model: {settings}");
    assert!(settings["reason"].is_string());
    let path = "/api/v1/review/settings";
    let on = json!({ "is_on": true, "below_score": 0.5, "per_day_max": 10, "keep_days": 7 });
    let set = browser.change(sent(Method::PUT, path, &on)).await;
    assert_eq!((set.status, &set.json()["per_day_max"]), (StatusCode::OK, &json!(10)));
    let wrong = json!({ "is_on": true, "per_day_max": 0 });
    let refused = browser.change(sent(Method::PUT, path, &wrong)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "invalid"));
    let page = browser.get("/api/v1/review?state=waiting&reason=unsure").await.json();
    let counts = json!({ "waiting": 0, "done": 0, "skipped": 0 });
    assert_eq!(page, json!({ "items": [], "next": null, "counts": counts, "is_on": true }));
    assert_eq!(browser.get("/api/v1/review/drift").await.json(), json!({ "rows": [] }));
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_explained() {
    let house = House::start().await;
    let browser = house.browser().await;
    let nothing = browser.get("/api/v1/review/export?format=yolo").await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    assert_eq!(nothing.code(), "nothing_to_export");
    assert_eq!(browser.get("/api/v1/review?before=x").await.code(), "bad_cursor");
    for target in ["/api/v1/review/export", "/api/v1/review?state=new", "/api/v1/review?limit=x"] {
        assert_eq!(browser.get(target).await.status, StatusCode::BAD_REQUEST, "{target}");
    }
    let nobody = "rev_00000000000000000000000000000000";
    let change = json!({ "boxes": [], "state": "done" });
    let put = sent(Method::PUT, &format!("/api/v1/review/{nobody}"), &change);
    assert_eq!(browser.change(put).await.status, StatusCode::NOT_FOUND);
    let event = "/api/v1/events/evt_00000000000000000000000000000000/correct";
    let gone = browser.change(sent(Method::POST, event, &json!({ "label": null }))).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
