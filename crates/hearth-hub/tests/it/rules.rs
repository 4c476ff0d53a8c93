//! Rules of the house against simulated devices: judged, carried out, switched back, remembered.

use std::sync::Arc;

use hearth_hub::{ControlValue, EventQuery, Family, Hub, Rule};
use hearth_model::{DeviceId, EventBody, RuleId};
use hearth_rules::Outcome;
use hearth_sim::{
    SimulatedBoard, SimulatedSensors,
    tapo::{PlugLogin, TapoPlug, TapoPlugSpec},
};
use serde_json::{Value, json};

use crate::{
    devices::{self, new_device},
    home::{Home, SECOND, files_below},
    notices::device,
    watching::{allowed, fact, poll},
};

/// A bell and a lamp on a plug.
struct Porch {
    home: Home,
    hub: Hub,
    board: Arc<SimulatedBoard>,
    plug: TapoPlug,
    lamp: DeviceId,
}

impl Porch {
    async fn new() -> Self {
        let home = Home::new();
        let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "Pl4nted-device-secret");
        let plug = TapoPlug::start(spec).await.expect("it starts");
        let sensors = home.beside("sys");
        SimulatedSensors::create(&sensors).expect("written");
        let board = Arc::new(SimulatedBoard::new(&sensors));
        let hub = Self::hub(&home, &board).await;
        let lamp = devices::add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
        let off = ControlValue::Switch(false);
        hub.set_control(allowed(&hub), lamp, "power", off).await.expect("set");
        devices::add(&hub, device("Bell", Family::GpioButton, "gpiochip0/17,low,up")).await;
        Self { home, hub, board, plug, lamp }
    }

    async fn hub(home: &Home, board: &Arc<SimulatedBoard>) -> Hub {
        poll("the hub before lets go", async || {
            let mut config = home.config();
            config.board = Some(Arc::clone(board) as _);
            Hub::start(config).await.ok()
        })
        .await
    }

    async fn restart(self) -> Self {
        let Self { home, hub, board, plug, lamp } = self;
        hub.shutdown().await;
        drop(hub);
        let hub = Self::hub(&home, &board).await;
        Self { home, hub, board, plug, lamp }
    }

    fn rings(&self) {
        self.board.button.switch(true, 1);
    }

    /// When somebody rings, the lamp is on for a minute.
    fn welcome(&self) -> Rule {
        rule(
            &json!({"happens": {"kinds": ["ring"]}}),
            &json!([{"switch": {"device": self.lamp, "on": true, "for_seconds": 60}}]),
        )
    }

    async fn add(&self, rule: Rule) -> RuleId {
        self.hub.add_rule(&allowed(&self.hub), rule).await.expect("a good rule").id
    }
}

fn rule(when: &Value, then: &Value) -> Rule {
    let json = json!({
        "version": 1, "name": "Zanzibar lantern", "is_on": true, "when": when, "then": then,
    });
    Rule::from_json(json.to_string().as_bytes()).expect("a rule")
}

fn ran(body: &EventBody) -> bool {
    matches!(body, EventBody::RuleRan { .. })
}

/// Somebody rings: the lamp is on, the run is written down with its cause, and after a minute the
/// lamp is off again, although the hub was restarted in between.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_switches_for_a_while_is_switched_back() {
    let porch = Porch::new().await;
    let id = porch.add(porch.welcome()).await;
    porch.rings();
    let told = fact(&porch.hub, "the rule ran", ran).await;
    assert!(matches!(
        &told.detail.body,
        EventBody::RuleRan { rule, name, is_done: true, .. } if *rule == id && name == "Zanzibar lantern"
    ));
    assert!(porch.plug.is_on());
    let runs = porch.hub.rule_runs(&allowed(&porch.hub), Some(id), None, 10).await.expect("read");
    let run = &runs[0].run;
    assert!(matches!(run.actions[0].outcome, Outcome::Done(_)), "{run:?}");
    let cause = run.because[0].event.expect("a fact");
    let page = porch.hub.events(allowed(&porch.hub), EventQuery::default()).await.expect("facts");
    let cause = page.events.iter().find(|event| event.id == cause).expect("kept");
    assert!(matches!(cause.detail.body, EventBody::Ring { .. }));

    let porch = porch.restart().await;
    assert!(porch.plug.is_on(), "its minute is not over");
    porch.home.step_clock(61 * SECOND);
    poll("the lamp is off", async || (!porch.plug.is_on()).then_some(())).await;
    let kept = porch.hub.rule(&allowed(&porch.hub), id).expect("kept");
    assert!(kept.sentence.contains("Lamp"), "{}", kept.sentence);
    porch.hub.remove_rule(&allowed(&porch.hub), id).await.expect("removed");
    porch.hub.shutdown().await;
}

/// A rule is looked at before it is in force: what cannot work is refused, and what it would have
/// done is counted from what happened.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_before_it_is_in_force() {
    let porch = Porch::new().await;
    let grant = allowed(&porch.hub);
    porch.rings();
    fact(&porch.hub, "a ring", |body| matches!(body, EventBody::Ring { .. })).await;
    let checked = porch.hub.check_rule(&grant, None, porch.welcome()).await.expect("looked at");
    assert_eq!(checked.history.runs, 1, "{checked:?}");
    assert!(checked.conflicts.is_empty());
    assert!(!porch.plug.is_on(), "nothing is carried out");
    let gone = rule(
        &json!({"happens": {"kinds": ["ring"]}}),
        &json!([{"switch": {"device": DeviceId::new(), "on": true}}]),
    );
    let refused = porch.hub.add_rule(&grant, gone.clone()).await.expect_err("no such device");
    assert_eq!(refused.code, "bad_rule");
    let off = Rule { is_on: false, ..gone };
    let kept =
        porch.hub.add_rule(&grant, off).await.expect("one that is off may name what is gone");
    porch.hub.remove_rule(&grant, kept.id).await.expect("removed");
    assert!(refused.fault.message.starts_with("then.0"), "{refused:?}");
    let first = porch.add(porch.welcome()).await;
    let off = rule(
        &json!({"happens": {"kinds": ["ring"]}}),
        &json!([{"switch": {"device": porch.lamp, "on": false}}]),
    );
    let opposed = porch.hub.check_rule(&grant, None, off).await.expect("looked at");
    assert!(opposed.conflicts.iter().any(|conflict| conflict.rules().contains(&first)));
    let draft = porch.hub.draft_rule(&grant, "When somebody rings, switch on Lamp for 10 minutes.");
    let drafted = draft.draft.rule.expect("understood");
    assert!(
        !drafted.is_on && draft.draft.not_understood.is_empty(),
        "{:?}",
        draft.draft.not_understood
    );
    porch.hub.shutdown().await;
}

/// promise: V-07, V-18. What rules say and did lies sealed, and rules survive the loss of the index.
#[tokio::test(flavor = "multi_thread")]
async fn rules_are_sealed_and_survive_the_loss_of_the_index() {
    let porch = Porch::new().await;
    let id = porch.add(Rule { is_on: false, ..porch.welcome() }).await;
    let porch = porch.restart().await;
    porch.hub.shutdown().await;
    let Porch { home, hub, board, plug, lamp } = porch;
    drop(hub);
    for path in files_below(&home.data()) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(16).any(|part| part == b"Zanzibar lantern");
        assert!(!holds, "a rule in clear in {}", path.display());
    }
    for path in files_below(&home.data()) {
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("index.db")) {
            std::fs::remove_file(path).expect("lost");
        }
    }
    let hub = Porch::hub(&home, &board).await;
    let porch = Porch { home, hub, board, plug, lamp };
    let kept = porch.hub.rules(&allowed(&porch.hub));
    assert_eq!(kept.iter().map(|view| view.id).collect::<Vec<_>>(), [id]);
    assert_eq!(kept[0].rule, Rule { is_on: false, ..porch.welcome() });
    porch.hub.shutdown().await;
}

/// What a plug measures makes a rule run, and no other one.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_runs_on_what_a_device_measures() {
    let porch = Porch::new().await;
    let draws =
        |above: f64| json!({"reading": {"device": porch.lamp, "reading": "power", "above": above}});
    let log = json!([{"log": {"text": "the lamp draws power"}}]);
    let never = porch.add(rule(&draws(1e6), &log)).await;
    let id = porch.add(rule(&draws(1.0), &log)).await;
    let runs = async |id| {
        let runs = porch.hub.rule_runs(&allowed(&porch.hub), Some(id), None, 10).await;
        runs.expect("read").len()
    };
    let measured = async |on: bool| {
        let switch = ControlValue::Switch(on);
        porch.hub.set_control(allowed(&porch.hub), porch.lamp, "power", switch).await.expect("set");
        poll("it is measured", async || {
            let lamp = porch.hub.device(&allowed(&porch.hub), porch.lamp).expect("there");
            let power = lamp.readings.iter().find(|reading| reading.key == "power");
            power.is_some_and(|power| (power.value > 1.0) == on).then_some(())
        })
        .await;
    };
    poll("the rule ran", async || {
        // Whoever makes a rule while something holds is not told of it: first it has to end.
        measured(false).await;
        measured(true).await;
        (runs(id).await > 0).then_some(())
    })
    .await;
    // Another rule is judged by a later fact: what was measured meanwhile was judged before.
    let bell = porch.add(rule(&json!({"happens": {"kinds": ["ring"]}}), &log)).await;
    porch.rings();
    poll("somebody rang", async || (runs(bell).await == 1).then_some(())).await;
    assert_eq!(runs(never).await, 0, "a lamp does not draw that much");
    porch.hub.shutdown().await;
}

/// A device that does not answer is said, and the other things are done all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_could_not_do_is_said() {
    let porch = Porch::new().await;
    let then = json!([
        {"record": {"cameras": [], "seconds": 10}},
        {"switch": {"device": porch.lamp, "on": true}},
    ]);
    let id = porch.add(rule(&json!({"happens": {"kinds": ["ring"]}}), &then)).await;
    porch.rings();
    let told = fact(&porch.hub, "the rule ran", ran).await;
    assert!(matches!(told.detail.body, EventBody::RuleRan { is_done: false, .. }));
    assert_eq!(told.severity, hearth_model::Severity::Warning);
    let runs = porch.hub.rule_runs(&allowed(&porch.hub), Some(id), None, 10).await.expect("read");
    let outcomes: Vec<bool> =
        runs[0].run.actions.iter().map(|entry| matches!(entry.outcome, Outcome::Done(_))).collect();
    assert_eq!(outcomes, [false, true], "{runs:?}");
    assert!(porch.plug.is_on());
    porch.hub.shutdown().await;
}
