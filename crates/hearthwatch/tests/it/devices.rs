//! `device schedule|limit|room`, `energy`, `climate` and `privacy` against a running hub with a
//! simulated plug.

use hearth_sim::tapo::{PlugLogin, TapoPlug, TapoPlugSpec};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::program::{PASSWORD, Program, Serving, json as read, text};

const SECRET: &str = "Pl4nted-device-secret";

/// A hub with one plug, `Lamp` in the room `Hall`.
pub(crate) struct Furnished {
    pub(crate) program: Program,
    pub(crate) serving: Serving,
    pub(crate) plug: TapoPlug,
    _runtime: Runtime,
}

impl Furnished {
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().expect("threads");
        let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", SECRET);
        let plug = runtime.block_on(TapoPlug::start(spec)).expect("a free port");
        let program = Program::new();
        let serving = program.serve_simulated(PASSWORD);
        let address = format!("127.0.0.1:{}", plug.port());
        let mut add = program.command(&["device", "add", "Lamp", "--family", "tapo_plug"]);
        add.args(["--address", &address, "--room", "Hall", "--username", "me@example.com"]);
        add.args(["--password-env", "PLUG_PASSWORD"]).env("PLUG_PASSWORD", SECRET);
        let added = add.env("HEARTHWATCH_DATA", program.data()).output().expect("it starts");
        assert!(added.status.success(), "{}", text(&added.stderr));
        Self { program, serving, plug, _runtime: runtime }
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        read(&self.program.run(&[arguments, &["--json"]].concat()))
    }

    /// The exit code.
    fn code(&self, arguments: &[&str]) -> Option<i32> {
        self.program.run(arguments).status.code()
    }
}

#[test]
fn rules_are_added_listed_and_removed() {
    let hub = Furnished::new();
    let add = ["device", "schedule", "add", "Lamp", "22:30", "power", "off", "--days", "mon,fri"];
    let made = hub.ask(&add);
    assert_eq!((&made["days"], &made["value"]), (&json!(["mon", "fri"]), &json!(false)));
    let add = ["device", "limit", "add", "Lamp", "power", "--above", "1500", "--for", "60"];
    let limit = hub.ask(&[&add[..], &["--turn-off"]].concat());
    assert_eq!((&limit["above"], &limit["then"]), (&json!(1500.0), &json!("turn_off")));
    for (kind, row) in [("schedule", &made), ("limit", &limit)] {
        let plural = format!("{kind}s");
        assert_eq!(hub.ask(&["device", kind, "list", "Lamp"])[&plural], json!([row]));
        let id = row["id"].as_str().expect("an id");
        assert!(hub.program.run(&["device", kind, "list", "Lamp"]).status.success());
        assert_eq!(hub.code(&["device", kind, "remove", "Lamp", id]), Some(0));
        assert_eq!(hub.code(&["device", kind, "remove", "Lamp", id]), Some(1), "it is gone");
        assert_eq!(hub.ask(&["device", kind, "list", "Lamp"])[&plural], json!([]));
    }
    let wrong = ["device", "schedule", "add", "Lamp", "25:00", "power", "off"];
    assert_eq!(hub.code(&wrong), Some(1));
    assert_eq!(hub.code(&["device", "limit", "add", "Lamp", "power"]), Some(2), "which limit?");
    hub.serving.stop();
}

#[test]
fn a_room_is_switched_and_measures_are_shown() {
    let hub = Furnished::new();
    let results = hub.ask(&["device", "room", "Hall", "off"])["results"].clone();
    assert_eq!((&results[0]["name"], &results[0]["done"]), (&json!("Lamp"), &json!(true)));
    assert!(!hub.plug.is_on());
    assert_eq!(hub.code(&["device", "room", "Cellar", "off"]), Some(1));
    let energy = hub.ask(&["energy", "--step", "month"]);
    assert_eq!(energy["plugs"].as_array().map(Vec::len), Some(1));
    let shown = hub.program.run(&["energy"]);
    assert!(text(&shown.stdout).contains("Lamp"), "{}", text(&shown.stderr));
    // Half a year in days, where one reading is kept every five minutes.
    let span = ["energy", "--from", "2026-01-01T00:00:00Z", "--to", "2026-07-01T00:00:00Z"];
    assert_eq!(hub.code(&span), Some(0));
    assert_eq!(hub.ask(&["climate"])["rooms"], json!([]));
    assert_eq!(hub.ask(&["privacy", "on"])["is_on"], true);
    assert_eq!(hub.ask(&["privacy", "show"])["is_on"], true);
    assert!(text(&hub.program.run(&["privacy", "off"]).stdout).contains("open"));
    hub.serving.stop();
}
