//! Keys and backups are the owner's.

use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{House, json as sent, request};

/// promise: V-18, T-05. An account, even the administrator's, gets no backup and no key; the owner
/// on the control socket does.
#[tokio::test]
async fn only_the_owner_on_the_socket_gets_keys_and_backups() {
    let house = House::start().await;
    let browser = house.browser().await;
    let bodies = [
        ("/api/v1/keys/rotate", json!({})),
        ("/api/v1/keys/recovery", json!({})),
        ("/api/v1/keys/unlock", json!({ "key_file": "/nowhere/key" })),
        ("/api/v1/backup", json!({ "passphrase": "nine red tulips on the sill" })),
        ("/api/v1/backup/kept", json!({ "id": "backup_1" })),
    ];
    for (path, body) in &bodies {
        let answer = browser.change(sent(Method::POST, path, body)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "owner_only"));
    }
    let keys = browser.get("/api/v1/keys").await.json();
    assert_eq!((&keys["opened_by"], &keys["generation"]), (&json!("key_file"), &json!(1)));

    let rotated = house.control(sent(Method::POST, "/api/v1/keys/rotate", &json!({}))).await;
    assert_eq!(rotated.json()["generation"], 2);
    let made = house.control(sent(Method::POST, "/api/v1/keys/recovery", &json!({}))).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.json()["recovery_key"].as_str().map(str::len), Some(69));
    let backup = house.control(sent(Method::POST, "/api/v1/backup", &json!({}))).await;
    assert!(backup.body.starts_with(b"HWBKUP1"), "{:?}", backup.status);
    let id = json!({ "id": backup.header("x-backup-id") });
    let kept = house.control(sent(Method::POST, "/api/v1/backup/kept", &id)).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    let keys = house.control(request(Method::GET, "/api/v1/keys")).await.json();
    assert!(keys["newest_backup"].is_string(), "{keys}");
    let odd = json!({ "media": "all", "from": "2026-01-01T00:00:00Z" });
    let refused = house.control(sent(Method::POST, "/api/v1/backup", &odd)).await;
    assert_eq!(refused.code(), "bad_range");
}
