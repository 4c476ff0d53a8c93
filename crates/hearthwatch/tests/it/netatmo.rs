//! `netatmo` against a simulated one.

use std::process::{Command, Output};

use hearth_sim::{Netatmo, NetatmoFault};
use serde_json::{Value, json};

use crate::program::{Program, json, text};

/// A simulated Netatmo and the user's own folders.
struct Bench {
    program: Program,
    netatmo: Netatmo,
}

impl Bench {
    async fn start() -> Self {
        let netatmo = Netatmo::start().await.expect("it starts");
        Self { program: Program::new(), netatmo }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let description = self.netatmo.describe();
        let port = description.port.to_string();
        let mut line = vec!["netatmo"];
        line.extend(arguments);
        line.extend(["--host", "127.0.0.1", "--port", &port]);
        let mut command = self.program.command(&line);
        command
            .env_remove("NETATMO_HOME_ID")
            .env("XDG_CACHE_HOME", self.program.data())
            .env("NETATMO_USERNAME", &description.username)
            .env("NETATMO_PASSWORD", &description.password)
            .env("NETATMO_CLIENT_ID", &description.client_id)
            .env("NETATMO_CLIENT_SECRET", &description.client_secret)
            .env("NETATMO_REFRESH_TOKEN", &description.refresh_token);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    fn answer(&self, arguments: &[&str]) -> Value {
        json(&self.run(&[arguments, &["--json"]].concat()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn homes_rooms_and_states_are_shown() {
    let bench = Bench::start().await;
    let homes = bench.answer(&["homes"]);
    assert_eq!(homes["homes"][0]["name"], "Simulated home");
    let id = homes["homes"][0]["id"].as_str().expect("text");
    let status = bench.answer(&["status", "--home-id", id]);
    assert_eq!(status["rooms"][0]["measured_celsius"], 20.4);
    let rooms = bench.answer(&["list-rooms"]);
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(3));
    assert_eq!(rooms["rooms"][0]["measured_celsius"], 20.4);
    let shown = bench.run(&["list-rooms"]);
    assert!(
        text(&shown.stdout).contains("Kitchen  20.4 °C   2255031728"),
        "{}",
        text(&shown.stdout)
    );
    assert_eq!(bench.netatmo.counts().passwords, 1, "one session for all commands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_true_temperature_is_set_by_name_or_id() {
    let bench = Bench::start().await;
    let by_name = ["set-truetemperature", "--room-name", "kitchen", "--temperature", "19.2"];
    let set = bench.answer(&by_name);
    assert_eq!((&set["outcome"], &set["true_celsius"]), (&json!("corrected"), &json!(19.2)));
    assert_eq!(bench.answer(&by_name)["outcome"], "already_true");
    let by_id = ["set-truetemperature", "--room-id", "1234567890", "--temperature", "-5"];
    let large = bench.run(&by_id);
    assert!(large.status.success(), "{}", text(&large.stderr));
    assert!(text(&large.stderr).contains("right room"), "{}", text(&large.stderr));
    assert_eq!(bench.netatmo.corrections().len(), 2);
}

/// Two rooms of one name are not told apart by guessing.
#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_room_is_not_guessed() {
    let bench = Bench::start().await;
    for (name, word) in
        [("Bedroom", "--room-id"), ("Attic", "list-rooms"), ("Cellar", "list-rooms")]
    {
        let line = ["set-truetemperature", "--room-name", name, "--temperature", "20"];
        let output = bench.run(&line);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }
    assert!(bench.netatmo.corrections().is_empty());
}

/// promise: N-08, T-01. What makes no sense ends with 2 before anybody is asked.
#[tokio::test(flavor = "multi_thread")]
async fn bad_values_reach_nobody() {
    let bench = Bench::start().await;
    let set = "set-truetemperature";
    for arguments in [
        &[set, "--temperature", "20"][..],
        &[set, "--temperature", "20", "--room-id", "1", "--room-name", "x"],
        &[set, "--temperature", "50.1", "--room-id", "1"],
        &[set, "--temperature", "NaN", "--room-id", "1"],
        &[set, "--temperature", "warm", "--room-id", "1"],
        &[set, "--temperature", "20", "--room-id", " "],
        &["status", "--home-id", "a&b"],
        &["homes", "--password", "x"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(bench.netatmo.counts(), hearth_sim::NetatmoCounts::default());
}

/// promise: N-01. User name and password come from the environment; without them it says so.
#[tokio::test(flavor = "multi_thread")]
async fn missing_credentials_are_named() {
    let bench = Bench::start().await;
    for variable in ["NETATMO_USERNAME", "NETATMO_PASSWORD"] {
        let output = bench.command(&["homes"]).env_remove(variable).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(variable), "{}", text(&output.stderr));
    }
    let wrong = bench.command(&["homes"]).env("NETATMO_PASSWORD", "planted-secret").output();
    let wrong = wrong.expect("it runs");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(!text(&wrong.stderr).contains("planted"));
}

/// promise: N-11. Weather stations are shown with units; the grant is kept for the next time.
#[tokio::test(flavor = "multi_thread")]
async fn weather_stations_are_shown() {
    let bench = Bench::start().await;
    let stations = bench.answer(&["stations"]);
    assert_eq!(stations["stations"][0]["reading"]["celsius"], 21.3);
    let again = bench.command(&["stations"]).env_remove("NETATMO_REFRESH_TOKEN").output();
    let again = again.expect("it runs");
    assert!(text(&again.stdout).contains("co2_ppm: 640"), "{}", text(&again.stdout));
    assert_eq!((bench.netatmo.counts().refreshes, bench.netatmo.counts().passwords), (1, 0));
    bench.netatmo.withdraw_grant();
    let gone = bench.run(&["stations"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(text(&gone.stderr).contains("dev.netatmo.com"), "{}", text(&gone.stderr));
}

/// promise: T-11. The stored session can be ended without a password.
#[tokio::test(flavor = "multi_thread")]
async fn the_session_can_be_forgotten() {
    let bench = Bench::start().await;
    bench.answer(&["homes"]);
    let file = bench.program.data().join("hearthwatch/netatmo/session.json");
    assert!(file.exists());
    let forget = bench.command(&["forget"]).env_remove("NETATMO_PASSWORD").output();
    assert!(forget.expect("it runs").status.success());
    assert!(!file.exists());
}

/// promise: N-09, T-08. Limits and changed certificates are said, and what to do about them.
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_says_what_to_do_next() {
    let bench = Bench::start().await;
    bench.answer(&["homes"]);
    for (fault, code) in [
        (NetatmoFault::Limited(Some(60)), "rate_limited"),
        (NetatmoFault::Failing, "vendor"),
        (NetatmoFault::Malformed, "malformed"),
        (NetatmoFault::Forbidden, "forbidden"),
    ] {
        bench.netatmo.fault(fault);
        let output = bench.run(&["homes", "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
        assert_eq!(error["error"]["code"], code);
    }
    bench.netatmo.replace_certificate().expect("made");
    let changed = bench.run(&["homes"]);
    assert!(text(&changed.stderr).contains("--certificate-sha256"), "{}", text(&changed.stderr));
}
