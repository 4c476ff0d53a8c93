//! A whole day's work in a network that ends at the machine, with every attempt to leave counted.
//!
//! The test starts itself again in a user, network and mount namespace of its own: loopback is the
//! only interface, no route leads anywhere, and the only name server is unreachable. The kernel
//! counts each packet for which it found no route, whoever sent it and by whatever protocol
//! (`OutNoRoutes` in RFC 4293), so a single attempt shows: a look-up, a time server, an update check.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::program::{PASSWORD, Program, json, text};

/// Set in the namespace.
const INSIDE: &str = "HEARTHWATCH_TEST_OFFLINE";

/// Whoever waits longer has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks at what nobody announces.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Loopback up, and a name server that nothing leads to: with one on loopback a look-up would not
/// be seen to leave.
const SET_UP: &str =
    "ip link set lo up && mount --bind \"$RESOLV\" /etc/resolv.conf && exec \"$@\"";

/// Packets for which there was no route: IPv4, IPv6.
fn refused_packets() -> [u64; 2] {
    let v4 = fs::read_to_string("/proc/net/snmp").expect("Linux");
    let mut lines = v4.lines().filter_map(|line| line.strip_prefix("Ip: "));
    let (names, values) = (lines.next().expect("names"), lines.next().expect("values"));
    let column = names.split(' ').position(|name| name == "OutNoRoutes").expect("counted");
    let v4 = values.split(' ').nth(column).and_then(|value| value.parse().ok());
    let v6 = fs::read_to_string("/proc/net/snmp6").expect("Linux");
    let v6 = v6.lines().find_map(|line| line.strip_prefix("Ip6OutNoRoutes"));
    [v4.expect("a number"), v6.and_then(|value| value.trim().parse().ok()).expect("a number")]
}

/// promise: D-14, K-10. Recording, seeing, events, signing in, exporting and checking need no route
/// out, and nothing tries to find one: no telemetry, no update, no time, no name.
#[test]
fn nothing_leaves_the_machine() {
    if std::env::var_os(INSIDE).is_some() {
        return live_a_day();
    }
    let folder = tempfile::tempdir().expect("a folder");
    let resolv = folder.path().join("resolv.conf");
    fs::write(&resolv, "nameserver 192.0.2.53\n").expect("written");
    let namespace = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "--mount", "sh", "-c", SET_UP, "sh"]);
        command.args(arguments).env("RESOLV", &resolv).stdin(Stdio::null());
        command.output()
    };
    match namespace(&["true"]) {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            return eprintln!("skipped: no namespaces here: {}", text(&output.stderr).trim());
        }
        Err(error) => return eprintln!("skipped: no unshare here: {error}"),
    }
    let test = std::env::current_exe().expect("this test").display().to_string();
    let inside = [INSIDE, "=1"].concat();
    let name = "offline::nothing_leaves_the_machine";
    let output = namespace(&["env", &inside, &test, "--exact", name, "--nocapture"]);
    let output = output.expect("it was there a moment ago");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "the inner test ran: {out}");
    eprint!("{err}");
}

fn live_a_day() {
    assert_eq!(refused_packets(), [0, 0], "a fresh network");
    let simulated = Simulated::start();
    let program = Program::new();
    let serving = program.serve_simulated(PASSWORD);
    for camera in simulated.cameras() {
        let [name, url, user, password] = camera;
        let mut add =
            program.command(&["camera", "add", &name, "--url", &url, "--username", &user]);
        add.args(["--password-env", "CAMERA_PASSWORD"]).env("CAMERA_PASSWORD", &password);
        add.env("HEARTHWATCH_DATA", program.data());
        let output = add.output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    for device in simulated.devices() {
        let output = device.add(&program).output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let cameras = || json(&program.run(&["camera", "status", "--json"]))["cameras"].clone();
    until("all cameras are recorded and one is looked at", || {
        let cameras = cameras();
        let all = cameras.as_array().expect("a list");
        let recorded = |c: &serde_json::Value| c["recorded_seconds"].as_f64() > Some(5.0);
        let analysed = |c: &serde_json::Value| c["frames_analysed"].as_u64() > Some(0);
        !all.is_empty() && all.iter().all(recorded) && all.iter().any(analysed)
    });
    let first = cameras()[0]["name"].as_str().expect("a name").to_owned();
    sign_in(serving.address());
    until("somebody rings, and it is a visit", || {
        program.run(&["camera", "door", &first, "--faces", "--json"]);
        program.run(&["visit", "ring", &first, "--json"]);
        let page = json(&program.run(&["visit", "list", "--json"]));
        page["visits"].as_array().is_some_and(|visits| !visits.is_empty())
    });
    until("every device was asked", || {
        let devices = json(&program.run(&["device", "list", "--json"]))["devices"].clone();
        let asked = |device: &serde_json::Value| device["state"] != "not_asked_yet";
        devices.as_array().is_some_and(|all| all.len() > 5 && all.iter().all(asked))
    });
    for arguments in [
        &["events", "--json"][..],
        &["people", "list", "--json"],
        &["energy", "--json"],
        &["climate", "--json"],
        &["privacy", "show", "--json"],
        &["alarm", "show", "--json"],
        &["rule", "list", "--json"],
        &["notify", "list", "--json"],
        &["notify", "matters", "--json"],
        &["timeline", &first, "--json"],
        &["verify", "--json"],
        &["doctor", "--json"],
    ] {
        // `doctor` may find something on this machine; that it ran is what counts.
        let output = program.run(arguments);
        assert!(!output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stderr));
    }
    serving.stop();
    assert_eq!(refused_packets(), [0, 0], "nothing tried to leave");
    check_that_attempts_are_counted();
}

/// As a browser does, if there is a program that can.
fn sign_in(address: &str) {
    let body = serde_json::json!({ "name": "admin", "password": PASSWORD }).to_string();
    let url = format!("https://{address}/api/v1/session");
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--insecure", "--fail", "--noproxy", "*"]);
    curl.args(["--header", "Content-Type: application/json", "--data", &body, &url]);
    match curl.output() {
        Ok(output) => assert!(output.status.success(), "{}", text(&output.stderr)),
        Err(error) => eprintln!("the sign-in was left out: no curl here: {error}"),
    }
}

/// The same counters after somebody did try, so that zero means something.
fn check_that_attempts_are_counted() {
    for (at, (from, to)) in
        [("0.0.0.0:0", "198.51.100.1:9"), ("[::]:0", "[2001:db8::1]:9")].into_iter().enumerate()
    {
        let before = refused_packets()[at];
        let socket = std::net::UdpSocket::bind(from).expect("a port");
        socket.send_to(b"x", to).expect_err("no route");
        assert!(refused_packets()[at] > before, "an attempt at {to} is counted");
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "in time: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The simulated house as a process.
struct Simulated {
    child: Child,
    description: serde_json::Value,
}

impl Simulated {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearthwatch"));
        command.args(["simulate", "--json"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("text");
        let description = serde_json::from_str(&line).expect("JSON");
        Self { child, description }
    }

    fn devices(&self) -> Vec<Device> {
        let devices = self.description["devices"].as_array().expect("a list").iter();
        devices.map(|device| Device(device.clone())).collect()
    }

    /// Name, URL, user name and password of each.
    fn cameras(&self) -> Vec<[String; 4]> {
        let text = |camera: &serde_json::Value, key: &str| {
            camera[key].as_str().expect("a text").to_owned()
        };
        let cameras = self.description["cameras"].as_array().expect("a list").iter();
        cameras
            .map(|camera| ["name", "url", "username", "password"].map(|key| text(camera, key)))
            .collect()
    }
}

/// A device of the simulated house.
struct Device(serde_json::Value);

impl Device {
    /// The command that adds it.
    fn add(&self, program: &Program) -> Command {
        let text = |key: &str| self.0[key].as_str();
        let mut add = program.command(&["device", "add", text("name").expect("a name")]);
        add.env("HEARTHWATCH_DATA", program.data()).env("DEVICE_PASSWORD", "");
        for key in ["family", "address", "room", "camera"] {
            if let Some(value) = text(key) {
                add.args([&format!("--{key}"), value]);
            }
        }
        if let (Some(user), Some(password)) = (text("username"), text("password")) {
            add.args(["--username", user, "--password-env", "DEVICE_PASSWORD"]);
            add.env("DEVICE_PASSWORD", password);
        }
        add
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
