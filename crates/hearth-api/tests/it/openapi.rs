//! The document in the repository is the one the program serves.

use std::path::PathBuf;

use http::StatusCode;

use crate::house::House;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn golden() -> PathBuf {
    repository().join("openapi/hearthwatch.json")
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

/// promise: V-01, K-09. What assistants are told of the hub in short is served to whoever is signed in,
/// byte by byte as it is in the repository, and so is everything it refers to.
#[tokio::test]
async fn what_assistants_are_told_in_short_is_served_with_all_it_refers_to() {
    let house = House::start().await;
    let browser = house.browser().await;
    let kept = |file: &str| std::fs::read(repository().join(file)).expect("in the repository");
    let served = browser.get("/llms.txt").await;
    assert_eq!(served.header("content-type"), "text/plain; charset=utf-8");
    assert!(served.body == kept("llms.txt"), "llms.txt is old: run with UPDATE_GOLDEN=1");
    let text = String::from_utf8(served.body.into()).expect("text");
    let links: Vec<&str> =
        text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
    assert_eq!(links, ["docs/mcp.md", "openapi/hearthwatch.json"]);
    for link in links {
        let target = format!("/{link}");
        assert_eq!(house.get(&target).await.status, StatusCode::UNAUTHORIZED, "{target}");
        assert!(browser.get(&target).await.body == kept(link), "{target}");
    }
    assert_eq!(house.get("/llms.txt").await.status, StatusCode::UNAUTHORIZED);
}
