//! Groups of people, over HTTP.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, json as sent};

const GROUPS: &str = "/api/v1/people/groups";

#[tokio::test]
async fn groups_are_listed_made_changed_and_removed() {
    let house = House::start().await;
    let browser = house.browser().await;
    let person = sent(Method::POST, "/api/v1/people", &json!({ "name": "Anna" }));
    let anna = browser.change(person).await.json()["id"].clone();
    let send = async |method: Method, path: &str, body: &Value| {
        browser.change(sent(method, path, body)).await
    };
    let family = json!({ "name": "Family", "members": [anna] });
    let made = send(Method::POST, GROUPS, &family).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let made = made.json();
    let id = made["id"].as_str().expect("an id");
    assert!(id.starts_with("grp_"));
    let words = browser.get("/api/v1/rules/vocabulary").await.json();
    assert_eq!(words["groups"], json!([{ "id": id, "name": "Family" }]));
    let when = json!({ "happens": { "kinds": ["visit_began"], "who": { "group": id } } });
    let rule = json!({
        "version": 1, "name": "Family came", "is_on": false, "when": when,
        "then": [{ "log": {} }],
    });
    let rule = send(Method::POST, "/api/v1/rules", &rule).await.json()["id"].clone();
    let expected = json!({ "id": id, "name": "Family", "members": [anna], "rules": [rule] });
    assert_eq!(browser.get(GROUPS).await.json(), json!({ "groups": [expected] }));

    let taken = send(Method::POST, GROUPS, &family).await;
    assert_eq!((taken.status, taken.code().as_str()), (StatusCode::CONFLICT, "name_taken"));
    let nameless = send(Method::POST, GROUPS, &json!({ "name": "", "members": [] })).await;
    let told = (nameless.status, nameless.code());
    assert_eq!(told, (StatusCode::BAD_REQUEST, "bad_name".to_owned()));
    let path = format!("{GROUPS}/{id}");
    let guests = json!({ "name": "Guests", "members": [] });
    let changed = send(Method::PUT, &path, &guests).await.json();
    assert_eq!((&changed["name"], &changed["members"]), (&json!("Guests"), &json!([])));
    let removed = send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(send(method, &path, &guests).await.status, StatusCode::NOT_FOUND);
    }
}
