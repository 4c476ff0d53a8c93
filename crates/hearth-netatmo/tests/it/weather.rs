//! Weather stations with a grant that is renewed.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use hearth_netatmo::{Application, Celsius, Endpoints, Error, WeatherClient};
use hearth_sim::Netatmo;
use tokio::task::JoinSet;

fn client(netatmo: &Netatmo, file: &Path, first: Option<&str>) -> WeatherClient {
    let description = netatmo.describe();
    let endpoints = Endpoints::new(&description.url, &description.url).expect("https");
    let certificate = description.certificate_sha256.parse().expect("a fingerprint");
    let secret = description.client_secret.as_str().into();
    let application = Application::new(&description.client_id, secret);
    let mut builder =
        WeatherClient::builder(application, file.to_owned()).endpoints(endpoints, certificate);
    if let Some(first) = first {
        builder = builder.first_refresh_token(first.into());
    }
    builder.build()
}

async fn start() -> (Netatmo, tempfile::TempDir, String) {
    let netatmo = Netatmo::start().await.expect("it starts");
    let first = netatmo.describe().refresh_token;
    (netatmo, tempfile::tempdir().expect("a folder"), first)
}

/// promise: N-11. Stations are read with their units.
#[tokio::test]
async fn stations_are_read() {
    let (netatmo, folder, first) = start().await;
    let file = folder.path().join("grant.json");
    let stations = client(&netatmo, &file, Some(&first)).stations().await.expect("stations");
    let indoor = stations[0].reading.clone().expect("a reading");
    assert_eq!((indoor.temperature, indoor.co2_ppm), (Celsius::new(21.3), Some(640.0)));
    let garden = stations[0].modules[0].reading.clone().expect("a reading");
    assert_eq!(garden.temperature, Celsius::new(-2.5));
}

/// promise: N-02, N-03. The grant is kept in a file of its owner's, and used again: each refresh
/// token is good once.
#[tokio::test]
async fn the_grant_is_kept_and_used_again() {
    let (netatmo, folder, first) = start().await;
    let file = folder.path().join("grant.json");
    client(&netatmo, &file, Some(&first)).stations().await.expect("stations");
    let mode = std::fs::metadata(&file).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    // The first token is used up, and not needed any more.
    client(&netatmo, &file, None).stations().await.expect("stations");
    assert_eq!(netatmo.counts().refreshes, 1);
    let text = std::fs::read_to_string(&file).expect("text");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["refresh_token"], "simulated|refresh-1");
    assert!(!text.contains("simulated-application-secret"));
}

/// promise: N-06, N-07. A grant that ended is renewed once, for all callers.
#[tokio::test]
async fn a_grant_that_ended_is_renewed_once_for_all() {
    let (netatmo, folder, first) = start().await;
    let client = Arc::new(client(&netatmo, &folder.path().join("grant.json"), Some(&first)));
    client.stations().await.expect("stations");
    netatmo.end_sessions();
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let client = Arc::clone(&client);
        callers.spawn(async move { client.stations().await.map(|stations| stations.len()) });
    }
    assert_eq!(callers.join_all().await, vec![Ok(1); 4]);
    assert_eq!(netatmo.counts().refreshes, 2);
}

/// promise: N-06. A grant that is worth nothing is shown once, not again and again.
#[tokio::test]
async fn a_withdrawn_or_missing_grant_is_said_to_be_one() {
    let (netatmo, folder, first) = start().await;
    let file = folder.path().join("grant.json");
    assert_eq!(client(&netatmo, &file, None).stations().await, Err(Error::Grant));
    assert_eq!(client(&netatmo, &file, Some("wrong")).stations().await, Err(Error::Grant));
    let granted = client(&netatmo, &file, Some(&first));
    granted.stations().await.expect("stations");
    netatmo.withdraw_grant();
    let refreshes = netatmo.counts().refreshes;
    for _ in 0..5 {
        assert_eq!(granted.stations().await, Err(Error::Grant));
    }
    // The kept token and the first one, each shown once.
    assert_eq!(netatmo.counts().refreshes, refreshes + 2);
    granted.forget_grant().await;
    assert!(!file.exists());
}
