//! The document in the repository is the one the program serves.

use std::path::PathBuf;

use crate::house::House;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/hearthwatch.json")
}

/// promise: K-09. The API cannot change without its document changing in the same commit.
#[test]
fn the_document_is_the_one_in_the_repository() {
    let now = hearth_api::openapi_json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(golden().parent().expect("a folder")).expect("made");
        std::fs::write(golden(), &now).expect("written");
    }
    let kept = std::fs::read_to_string(golden()).unwrap_or_default();
    assert!(now == kept, "openapi/hearthwatch.json is old: run this test with UPDATE_GOLDEN=1");
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document: serde_json::Value =
        serde_json::from_str(&hearth_api::openapi_json()).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().expect("an end");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn the_document_is_served_to_whoever_is_signed_in() {
    let house = House::start().await;
    let served = house.browser().await.get("/api/v1/openapi.json").await;
    assert_eq!(served.body, hearth_api::openapi_json());
}
