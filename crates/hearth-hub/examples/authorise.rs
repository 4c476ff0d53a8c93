//! What it costs to know who asks and whether they may, for each way to present oneself.
//!
//! A fresh hub in a private folder; prints one JSON object with microseconds a request. `hearth-bench`
//! can call the same three functions.

use std::time::Instant;

use hearth_auth::{Access, Action, TokenName, TokenScope, ask};
use hearth_hub::{HouseConfig, Hub, HubConfig, NewToken, Peer};
use hearth_model::CameraId;
use hearth_vault::MasterKeySource;

const REQUESTS: u32 = 20_000;
const PASSWORD: &str = "a long walk by the canal";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = HubConfig {
        data: folder.path().join("data"),
        key: Some(MasterKeySource::KeyFile(folder.path().join("key"))),
        admin_password: Some(PASSWORD.into()),
        settings: HouseConfig::default(),
        eyes_program: None,
        simulated: true,
        board: None,
        wall: None,
    };
    let hub = Hub::start(config).await.expect("a fresh hub starts");
    let peer = Peer { address: [127, 0, 0, 1].into(), agent: "bench".to_owned() };
    let signed_in = hub.sign_in("admin", PASSWORD.into(), &peer).await.expect("right");
    let grant = hub.policy().house::<ask::ManageTokens>(&signed_in.session.principal);
    let new = NewToken {
        name: TokenName::new("bench").expect("a name"),
        user: None,
        scope: TokenScope::of([Action::Live]),
        networks: Vec::new(),
        expires_at: None,
    };
    let token = hub.add_token(&grant.expect("may"), new).await.expect("made").secret;
    let access = hub.access_by_token(&token, &peer).await.expect("traded").access;
    let (camera, live) = (Some(CameraId::new()), Access::Camera(Action::Live));

    let started = Instant::now();
    for _ in 0..REQUESTS {
        let session = hub.authenticate(&signed_in.token).await.expect("signed in");
        hub.policy().admit(Some(&session.principal), live, camera).expect("may");
    }
    let session = started.elapsed();
    let mut bearers = Vec::new();
    for bearer in [&token, &access] {
        let started = Instant::now();
        for _ in 0..REQUESTS {
            let machine = hub.authenticate_bearer(bearer.expose(), peer.address).await;
            let machine = machine.expect("a program");
            hub.policy().admit(Some(&machine.principal), live, camera).expect("may");
        }
        bearers.push(started.elapsed());
    }
    let micros = |took: std::time::Duration| took.as_secs_f64() * 1e6 / f64::from(REQUESTS);
    println!(
        r#"{{"requests":{REQUESTS},"session_us":{:.2},"token_us":{:.2},"access_token_us":{:.2}}}"#,
        micros(session),
        micros(bearers[0]),
        micros(bearers[1]),
    );
    hub.shutdown().await;
}
