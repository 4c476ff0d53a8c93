//! Signing in, staying signed in, and what is left on disk.

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use hearth_netatmo::Error;
use hearth_sim::{Netatmo, NetatmoFault};
use tokio::task::JoinSet;

use crate::{builder, builder_with, start, with_file};

/// promise: N-07. Callers that come at once share one sign-in.
#[tokio::test]
async fn callers_that_come_at_once_share_one_sign_in() {
    let (netatmo, client) = start().await;
    let client = Arc::new(client);
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let client = Arc::clone(&client);
        callers.spawn(async move { client.homes().await.map(|homes| homes.len()) });
    }
    assert_eq!(callers.join_all().await, vec![Ok(1); 8]);
    assert_eq!((netatmo.counts().passwords, netatmo.counts().api), (1, 8));
}

/// promise: N-06, N-07. Callers that are refused at once share one new sign-in.
#[tokio::test]
async fn callers_that_are_refused_at_once_share_one_new_sign_in() {
    let (netatmo, client) = start().await;
    client.homes().await.expect("homes");
    netatmo.end_sessions();
    let client = Arc::new(client);
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let client = Arc::clone(&client);
        callers.spawn(async move { client.homes().await.map(|homes| homes.len()) });
    }
    assert_eq!(callers.join_all().await, vec![Ok(1); 4]);
    assert_eq!(netatmo.counts().passwords, 2);
}

/// promise: N-06. After 401 or 403 one new sign-in, and the request once more.
#[tokio::test]
async fn a_refusal_leads_to_one_new_sign_in() {
    for fault in [NetatmoFault::ForbiddenOnce, NetatmoFault::UnauthorizedOnce] {
        let (netatmo, client) = start().await;
        netatmo.fault(fault);
        assert!(client.homes().await.is_ok(), "{fault:?}");
        assert_eq!((netatmo.counts().passwords, netatmo.counts().api), (2, 2));
    }
}

/// promise: N-06. A refusal that stays is an error, and no storm of sign-ins, however often it is
/// tried.
#[tokio::test]
async fn a_refusal_that_stays_is_an_error_without_a_storm() {
    let (netatmo, client) = start().await;
    netatmo.fault(NetatmoFault::Forbidden);
    for _ in 0..4 {
        assert_eq!(client.homes().await, Err(Error::Forbidden));
    }
    assert_eq!(netatmo.counts().passwords, 2);
}

/// promise: N-06. A wrong password is tried once, not again and again.
#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let client = builder_with(&netatmo, "wrong").build();
    for _ in 0..10 {
        assert_eq!(client.homes().await, Err(Error::Login));
    }
    assert_eq!((netatmo.counts().passwords, netatmo.counts().api), (1, 0));
}

/// A locked account looks like a wrong password; that is all that Netatmo says.
#[tokio::test]
async fn a_locked_account_is_said_to_be_refused() {
    let netatmo = Netatmo::start().await.expect("it starts");
    for _ in 0..5 {
        let client = builder_with(&netatmo, "wrong").build();
        assert_eq!(client.homes().await, Err(Error::Login));
    }
    assert_eq!(builder(&netatmo).build().homes().await, Err(Error::Login));
}

/// promise: N-02, N-03, N-05, N-10. The file is its owner's alone, is JSON, and holds neither the
/// password nor the e-mail address nor anything about the home.
#[tokio::test]
async fn the_session_file_is_private_and_holds_cookies_only() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("netatmo/session.json");
    with_file(&netatmo, &file).rooms(None).await.expect("rooms");
    let mode = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(file.as_path()), mode(file.parent().expect("a folder"))), (0o600, 0o700));
    let text = std::fs::read_to_string(&file).expect("text");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(json["cookies"].is_object());
    let description = netatmo.describe();
    for private in [description.username.as_str(), &description.password, "Kitchen", "20.4"] {
        assert!(!text.contains(private), "{private} is in {text}");
    }
    let files = std::fs::read_dir(file.parent().expect("a folder")).expect("listed").count();
    assert_eq!(files, 1, "nothing else is left");
}

/// promise: N-02. The next process needs no password.
#[tokio::test]
async fn a_stored_session_is_used_again() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.json");
    for _ in 0..3 {
        with_file(&netatmo, &file).homes().await.expect("homes");
    }
    assert_eq!((netatmo.counts().passwords, netatmo.counts().checks), (1, 1));
}

fn age(file: &std::path::Path, checked_at: u64) {
    let text = std::fs::read_to_string(file).expect("text");
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    json["checked_at"] = checked_at.into();
    std::fs::write(file, json.to_string()).expect("written");
}

#[tokio::test]
async fn an_old_session_is_checked_and_used_again() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.json");
    with_file(&netatmo, &file).homes().await.expect("homes");
    age(&file, 1_000);
    with_file(&netatmo, &file).homes().await.expect("homes");
    assert_eq!((netatmo.counts().passwords, netatmo.counts().checks), (1, 3));
    // The check is remembered.
    with_file(&netatmo, &file).homes().await.expect("homes");
    assert_eq!(netatmo.counts().checks, 3);
}

/// promise: T-11, N-06. A session that ended is replaced by one new sign-in.
#[tokio::test]
async fn an_old_session_that_ended_is_replaced() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.json");
    with_file(&netatmo, &file).homes().await.expect("homes");
    age(&file, 1_000);
    netatmo.end_sessions();
    with_file(&netatmo, &file).homes().await.expect("homes");
    assert_eq!(netatmo.counts().passwords, 2);
}

/// promise: N-02, N-03. A file that others could read, or that is none, is not believed.
#[tokio::test]
async fn a_doubtful_session_file_is_replaced() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.json");
    with_file(&netatmo, &file).homes().await.expect("homes");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("set");
    with_file(&netatmo, &file).homes().await.expect("homes");
    assert_eq!(netatmo.counts().passwords, 2);
    std::fs::write(&file, "cos\nsystem\n(S'true'\ntR.").expect("written");
    with_file(&netatmo, &file).homes().await.expect("homes");
    assert_eq!(netatmo.counts().passwords, 3);
}

/// promise: T-11. A session can be ended for good.
#[tokio::test]
async fn a_forgotten_session_is_gone_from_the_disk() {
    let netatmo = Netatmo::start().await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.json");
    let client = with_file(&netatmo, &file);
    client.homes().await.expect("homes");
    client.forget_session().await;
    assert!(!file.exists());
    client.homes().await.expect("homes");
    assert_eq!(netatmo.counts().passwords, 2);
}
