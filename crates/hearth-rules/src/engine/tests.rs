use hearth_model::{DeviceId, Direction, EventKind, Label, PersonId, Severity, ZoneId};
use proptest::prelude::*;

use super::*;
use crate::{
    Absent, Condition, Count, DetailIs, DeviceIs, Happens, Hours, Mode, ModeIs, ReadingIs, Stays,
    Value, WhoIs,
    fact::{Happening, Who},
};

fn at(seconds: i64) -> WallTime {
    WallTime::from_micros(seconds * 1_000_000)
}

fn engine() -> Engine {
    Engine::new(TimeZone::UTC, Groups::new())
}

fn log() -> Action {
    Action::Log { text: None }
}

fn rule(when: Condition) -> Rule {
    Rule {
        version: 1,
        name: "Test".to_owned(),
        is_on: true,
        priority: 50,
        when,
        for_seconds: 0,
        cooldown_seconds: 0,
        then: vec![log()],
    }
}

fn with(rule: Rule) -> (Engine, RuleId) {
    let (mut engine, id) = (engine(), RuleId::new());
    engine.put(at(0), id, rule).expect("a rule");
    (engine, id)
}

fn happened(kind: EventKind, change: impl FnOnce(&mut Happening)) -> FactBody {
    let mut happening = Happening::of(kind);
    change(&mut happening);
    FactBody::Happened(Box::new(happening))
}

/// How often rules run for a fact.
fn tell(engine: &mut Engine, seconds: i64, body: FactBody) -> usize {
    let fact = Fact { event: Some(EventId::new()), at: at(seconds), body };
    engine.step(at(seconds), &fact).len()
}

fn tick(engine: &mut Engine, seconds: i64) -> usize {
    tell(engine, seconds, FactBody::Tick)
}

fn ring() -> FactBody {
    happened(EventKind::Ring, |_| {})
}

fn rings() -> Happens {
    Happens { kinds: vec![EventKind::Ring], ..Happens::default() }
}

fn armed() -> Condition {
    Condition::Mode(ModeIs { is: Mode::ARMED.to_vec() })
}

fn reading(device: DeviceId, value: f64) -> FactBody {
    FactBody::Reading { device, reading: "power".to_owned(), value }
}

fn above(device: DeviceId, edge: f64) -> Condition {
    let (reading, above) = ("power".to_owned(), Some(edge));
    Condition::Reading(ReadingIs { device, reading, above, below: None })
}

/// A rule that is made while its condition is not so runs for the very next thing that makes it so,
/// and one that is made while it is so does not run for that.
#[test]
fn what_begins_right_after_a_rule_was_made_is_acted_on() {
    let mut engine = engine();
    assert_eq!(tell(&mut engine, 1, FactBody::Mode(Mode::Disarmed)), 0);
    engine.put(at(2), RuleId::new(), rule(armed())).expect("a rule");
    assert_eq!(tell(&mut engine, 2, FactBody::Mode(Mode::Home)), 1);
    engine.put(at(3), RuleId::new(), rule(armed())).expect("a rule");
    assert_eq!(tick(&mut engine, 4), 0);
    assert_eq!(tell(&mut engine, 5, FactBody::Mode(Mode::Disarmed)), 0);
    assert_eq!(tell(&mut engine, 6, FactBody::Mode(Mode::Away)), 2);
}

#[test]
fn what_happens_fits_by_every_word_of_the_condition() {
    let (zone, device, ben) = (ZoneId::new(), DeviceId::new(), PersonId::new());
    let camera = CameraId::new();
    let person = Label::new("person").expect("a label");
    let seen = || {
        let mut happening = Happening::of(EventKind::ActivityNoticed);
        happening.camera = Some(camera);
        happening.label = Some(person.clone());
        happening.score = Some(0.6);
        happening.zones = vec![zone];
        happening.who = Some(Who::Person(ben));
        happening.directions = vec![Direction::Leaving];
        happening.device = Some(device);
        happening.what = Some("tamper".to_owned());
        happening.details.insert("reason".to_owned(), "battery".to_owned());
        happening
    };
    let none = Happens::default;
    let detail = |text: &str| {
        let is = crate::Comparison::Contains(text.to_owned());
        vec![DetailIs { detail: "reason".to_owned(), is }]
    };
    let who = |who| Happens { who: Some(who), ..none() };
    let table = [
        (Happens { kinds: vec![EventKind::ActivityNoticed], ..none() }, true),
        (Happens { kinds: vec![EventKind::Ring], ..none() }, false),
        (Happens { cameras: vec![CameraId::new(), camera], ..none() }, true),
        (Happens { cameras: vec![CameraId::new()], ..none() }, false),
        (Happens { labels: vec![person.clone()], ..none() }, true),
        (Happens { labels: vec![Label::motion()], ..none() }, false),
        (Happens { zones: vec![zone], ..none() }, true),
        (Happens { zones: vec![ZoneId::new()], ..none() }, false),
        (Happens { confidence_min: Some(60), ..none() }, true),
        (Happens { confidence_min: Some(61), ..none() }, false),
        (Happens { confidence_max: Some(60), ..none() }, true),
        (Happens { confidence_max: Some(59), ..none() }, false),
        (Happens { direction: Some(Direction::Leaving), ..none() }, true),
        (Happens { direction: Some(Direction::Left), ..none() }, false),
        (Happens { devices: vec![device], ..none() }, true),
        (Happens { devices: vec![DeviceId::new()], ..none() }, false),
        (Happens { what: vec!["tamper".to_owned()], ..none() }, true),
        (Happens { what: vec!["contact".to_owned()], ..none() }, false),
        (Happens { details: detail("batt"), ..none() }, true),
        (Happens { details: detail("wifi"), ..none() }, false),
        (who(WhoIs::Known), true),
        (who(WhoIs::People(vec![ben])), true),
        (who(WhoIs::People(vec![PersonId::new()])), false),
        (who(WhoIs::Stranger), false),
        (who(WhoIs::FaceHidden), false),
    ];
    for (of, runs) in table {
        let (mut engine, _) = with(rule(Condition::Happens(of.clone())));
        let body = FactBody::Happened(Box::new(seen()));
        assert_eq!(tell(&mut engine, 1, body) == 1, runs, "{of:?}");
    }
}

#[test]
fn nobody_looked_is_neither_known_nor_unknown() {
    for who in [WhoIs::Stranger, WhoIs::Known] {
        let test = Condition::Happens(Happens { who: Some(who), ..Happens::default() });
        for when in [test.clone(), Condition::Not(Box::new(test))] {
            let (mut engine, _) = with(rule(when));
            assert_eq!(tell(&mut engine, 1, happened(EventKind::VisitBegan, |_| {})), 0);
            let hidden = |h: &mut Happening| h.who = Some(Who::FaceHidden);
            assert_eq!(tell(&mut engine, 2, happened(EventKind::VisitBegan, hidden)), 0);
        }
    }
}

#[test]
fn a_moment_counts_only_while_what_stands_beside_it_holds() {
    let when = Condition::All(vec![Condition::Happens(rings()), armed()]);
    let (mut engine, id) = with(rule(when));
    assert_eq!(tell(&mut engine, 1, ring()), 0, "the mode is not known");
    assert_eq!(tell(&mut engine, 2, FactBody::Mode(Mode::Disarmed)), 0);
    assert_eq!(tell(&mut engine, 3, ring()), 0);
    assert_eq!(tell(&mut engine, 4, FactBody::Mode(Mode::Away)), 0);
    let fact = Fact { event: Some(EventId::new()), at: at(5), body: ring() };
    let firings = engine.step(at(5), &fact);
    assert_eq!(firings.len(), 1);
    let firing = firings.first().expect("one");
    assert_eq!((firing.rule, firing.event), (id, fact.event));
    let since: Vec<_> = firing.because.iter().map(|one| (one.was, one.since)).collect();
    assert_eq!(since, [(true, at(5)), (true, at(4))]);
}

#[test]
fn what_holds_runs_once_until_it_was_false() {
    let device = DeviceId::new();
    let (mut engine, _) = with(rule(above(device, 100.0)));
    let runs = [(1, 50.0), (2, 101.0), (3, 102.0), (4, 99.0), (5, 101.0), (6, f64::NAN)];
    let runs = runs.map(|(time, value)| tell(&mut engine, time, reading(device, value)));
    assert_eq!(runs, [0, 1, 0, 0, 1, 0]);
}

#[test]
fn a_device_that_falls_silent_is_not_a_change() {
    let device = DeviceId::new();
    let (mut engine, _) = with(rule(above(device, 100.0)));
    tell(&mut engine, 1, reading(device, 50.0));
    assert_eq!(tell(&mut engine, 2, reading(device, 150.0)), 1);
    assert_eq!(tell(&mut engine, 3, FactBody::Silent { device }), 0);
    assert_eq!(tell(&mut engine, 4, reading(device, 150.0)), 0);
    // And what was said half an hour ago says nothing.
    let (mut engine, _) = with(rule(Condition::Not(Box::new(above(device, 100.0)))));
    tell(&mut engine, 1, reading(device, 150.0));
    assert_eq!(tick(&mut engine, 1 + 1_801), 0);
}

#[test]
fn a_rule_made_while_its_condition_holds_does_not_run_for_that() {
    let mut engine = engine();
    tell(&mut engine, 1, FactBody::Mode(Mode::Away));
    engine.put(at(2), RuleId::new(), rule(armed())).expect("a rule");
    assert_eq!(tick(&mut engine, 3), 0);
    tell(&mut engine, 4, FactBody::Mode(Mode::Disarmed));
    assert_eq!(tell(&mut engine, 5, FactBody::Mode(Mode::Night)), 1);
}

#[test]
fn a_condition_has_to_hold_without_a_break() {
    let device = DeviceId::new();
    let (mut engine, _) = with(Rule { for_seconds: 60, ..rule(above(device, 100.0)) });
    tell(&mut engine, 0, reading(device, 150.0));
    assert_eq!(tick(&mut engine, 59), 0);
    tell(&mut engine, 59, reading(device, 50.0));
    tell(&mut engine, 60, reading(device, 150.0));
    assert_eq!(tick(&mut engine, 119), 0);
    assert_eq!(tick(&mut engine, 120), 1);
    assert_eq!(tick(&mut engine, 240), 0);
}

#[test]
fn a_cooldown_is_silence_and_what_still_holds_after_it_counts() {
    let (mut engine, _) = with(Rule { cooldown_seconds: 10, ..rule(Condition::Happens(rings())) });
    let runs = [1, 2, 10, 11, 12].map(|time| tell(&mut engine, time, ring()));
    assert_eq!(runs, [1, 0, 0, 1, 0]);
    let device = DeviceId::new();
    let (mut engine, _) = with(Rule { cooldown_seconds: 10, ..rule(above(device, 1.0)) });
    tell(&mut engine, 0, reading(device, 0.0));
    assert_eq!(tell(&mut engine, 1, reading(device, 2.0)), 1);
    tell(&mut engine, 2, reading(device, 0.0));
    assert_eq!(tell(&mut engine, 3, reading(device, 2.0)), 0);
    assert_eq!(tick(&mut engine, 11), 1);
}

#[test]
fn so_often_within_a_time() {
    let count = Count { of: rings(), at_least: 3, within_seconds: 10 };
    let (mut engine, _) = with(rule(Condition::Count(count)));
    let runs = [1, 5, 12, 13, 14].map(|time| tell(&mut engine, time, ring()));
    assert_eq!(runs, [0, 0, 0, 1, 1]);
}

#[test]
fn what_does_not_happen_is_noticed_and_the_first_after_it_is_too() {
    let absent = Condition::Absent(Absent { of: rings(), for_seconds: 60 });
    let (mut engine, _) = with(rule(absent.clone()));
    assert_eq!([59, 60, 61].map(|time| tick(&mut engine, time)), [0, 1, 0]);
    tell(&mut engine, 62, ring());
    assert_eq!([63, 121, 122, 123].map(|time| tick(&mut engine, time)), [0, 0, 1, 0]);
    let first = Condition::All(vec![Condition::Happens(rings()), absent]);
    let (mut engine, _) = with(rule(first));
    let runs = [60, 61, 100, 160].map(|time| tell(&mut engine, time, ring()));
    assert_eq!(runs, [1, 0, 0, 1]);
}

#[test]
fn somebody_who_stays_in_a_zone_is_noticed_while_there() {
    let zone = ZoneId::new();
    let of = Happens { zones: vec![zone], ..Happens::default() };
    let (mut engine, _) = with(rule(Condition::Stays(Stays { of, for_seconds: 30 })));
    let activity = EventId::new();
    let seen = |kind, zones: &[ZoneId]| {
        let zones = zones.to_vec();
        happened(kind, |h| (h.activity, h.zones) = (Some(activity), zones))
    };
    tell(&mut engine, 0, seen(EventKind::ActivityNoticed, &[]));
    tell(&mut engine, 20, seen(EventKind::ActivityRecognized, &[zone]));
    assert_eq!([49, 50, 51].map(|time| tick(&mut engine, time)), [0, 1, 0]);
    tell(&mut engine, 52, seen(EventKind::ActivityEnded, &[zone]));
    assert_eq!(tick(&mut engine, 200), 0);
}

/// Of one activity more becomes known bit by bit. Each rule runs when its own words come true, and
/// once: who walks on through a zone, turns or is seen better is no other one.
#[test]
fn an_activity_runs_a_rule_once_however_often_it_is_told_of() {
    let (drive, door, activity) = (ZoneId::new(), ZoneId::new(), EventId::new());
    let seen = |at: u8, zones: &[ZoneId], ways: &[Direction], score: f32| {
        let kind = match at {
            0 => EventKind::ActivityNoticed,
            _ => EventKind::ActivityRecognized,
        };
        happened(kind, |h| {
            (h.activity, h.score) = (Some(activity), Some(score));
            (h.zones, h.directions) = (zones.to_vec(), ways.to_vec());
        })
    };
    let walk = || {
        use Direction::{Approaching, Leaving};
        [
            seen(0, &[drive], &[], 0.5),
            seen(1, &[drive], &[Approaching], 0.5),
            seen(2, &[drive, door], &[Approaching], 0.5),
            seen(3, &[drive, door], &[Approaching], 0.9),
            seen(4, &[drive, door], &[Leaving], 0.9),
        ]
    };
    let none = Happens::default;
    let kinds = vec![EventKind::ActivityNoticed, EventKind::ActivityRecognized];
    let table = [
        (Happens { kinds, ..none() }, [1, 0, 0, 0, 0]),
        (Happens { zones: vec![drive], ..none() }, [1, 0, 0, 0, 0]),
        (Happens { zones: vec![door], ..none() }, [0, 0, 1, 0, 0]),
        (Happens { zones: vec![drive, door], ..none() }, [1, 0, 0, 0, 0]),
        (Happens { direction: Some(Direction::Approaching), ..none() }, [0, 1, 0, 0, 0]),
        (Happens { direction: Some(Direction::Leaving), ..none() }, [0, 0, 0, 0, 1]),
        (Happens { direction: Some(Direction::Left), ..none() }, [0, 0, 0, 0, 0]),
        (Happens { confidence_min: Some(80), ..none() }, [0, 0, 0, 1, 0]),
    ];
    for (of, runs) in table {
        let test = Condition::Happens(of.clone());
        let (mut engine, _) = with(rule(test.clone()));
        let ran = walk().map(|body| tell(&mut engine, 1, body));
        assert_eq!(ran, runs, "{of:?}");
        // And twice is two activities, not one that goes on.
        let count = Count { of, at_least: 2, within_seconds: 60 };
        let (mut engine, _) = with(rule(Condition::Count(count)));
        let ran: usize = walk().map(|body| tell(&mut engine, 1, body)).iter().sum();
        assert_eq!(ran, 0, "{test:?}");
    }
}

#[test]
fn hours_and_devices_hold() {
    let lamp = DeviceId::new();
    let night = "22:00".parse().expect("a time");
    let hours = Hours { days: Vec::new(), from: night, to: "06:00".parse().expect("a time") };
    let is = Value::Switch(true);
    let device = DeviceIs { device: lamp, control: "power".to_owned(), is };
    let when = Condition::All(vec![Condition::Hours(hours), Condition::Device(device)]);
    let (mut engine, _) = with(rule(when));
    let set = |is| FactBody::Control { device: lamp, control: "power".to_owned(), value: is };
    assert_eq!(tell(&mut engine, 3_600 * 21, set(Value::Switch(true))), 0);
    assert_eq!(tick(&mut engine, 3_600 * 22), 1);
    assert_eq!(tell(&mut engine, 3_600 * 23, set(Value::Switch(false))), 0);
    assert_eq!(tell(&mut engine, 3_600 * 24, set(Value::Switch(true))), 1);
}

#[test]
fn a_rule_that_cannot_be_judged_is_suspended_and_the_others_run() {
    let group = GroupId::new();
    let who = Some(WhoIs::Group(group));
    let broken = rule(Condition::Happens(Happens { who, ..Happens::default() }));
    let (mut engine, id) = with(broken);
    engine.put(at(0), RuleId::new(), rule(Condition::Happens(rings()))).expect("a rule");
    for time in 1..10 {
        assert_eq!(tell(&mut engine, time, ring()), 1);
    }
    assert_eq!(engine.suspended(), [id]);
    let faults = engine.take_faults();
    assert_eq!(faults.len(), usize::from(ERRORS_MAX));
    assert!(faults.iter().all(|fault| fault.cause == FaultCause::GroupUnknown(group)));
    assert!(faults.last().is_some_and(|fault| fault.is_suspended));
    let ben = PersonId::new();
    engine.set_groups([(group, [ben].into())].into());
    let visit = happened(EventKind::VisitBegan, |h| h.who = Some(Who::Person(ben)));
    assert_eq!(tell(&mut engine, 11, visit), 1);
}

#[test]
fn a_storm_is_stopped_and_told_once() {
    let (mut engine, _) = with(rule(Condition::Happens(rings())));
    let runs: usize = (0..100).map(|_| tell(&mut engine, 1, ring())).sum();
    assert_eq!(runs, memory::RUNS_A_MINUTE_MAX);
    let faults = engine.take_faults();
    assert_eq!(faults.iter().map(|fault| fault.cause).collect::<Vec<_>>(), [FaultCause::Storm]);
    assert_eq!(tell(&mut engine, 62, ring()), 1);
}

#[test]
fn of_opposed_actions_the_higher_priority_wins() {
    let lamp = DeviceId::new();
    let switch = |on| Action::Switch { device: lamp, on, for_seconds: None };
    let when = || Condition::Happens(rings());
    let low = Rule { priority: 10, then: vec![switch(false), log()], ..rule(when()) };
    let high = Rule { priority: 90, then: vec![switch(true)], ..rule(when()) };
    let (mut engine, _) = with(low);
    engine.put(at(0), RuleId::new(), high).expect("a rule");
    let firings = engine.step(at(1), &Fact { event: None, at: at(1), body: ring() });
    let done: Vec<_> = firings.iter().map(|f| (f.priority, f.actions.clone())).collect();
    assert_eq!(done, [(90, vec![switch(true)]), (10, vec![log()])]);
    assert_eq!(firings.last().map(|f| f.overruled.clone()), Some(vec![switch(false)]));
}

#[test]
fn a_clock_that_goes_back_does_not_silence_a_rule_for_hours() {
    let (mut engine, _) = with(Rule { cooldown_seconds: 60, ..rule(Condition::Happens(rings())) });
    assert_eq!(tell(&mut engine, 100_000, ring()), 1);
    assert_eq!(tell(&mut engine, 1_000, ring()), 0);
    assert_eq!(tell(&mut engine, 1_060, ring()), 1);
}

#[test]
fn a_switched_off_rule_does_nothing_and_a_removed_one_is_gone() {
    let (mut engine, id) = with(Rule { is_on: false, ..rule(Condition::Happens(rings())) });
    assert_eq!(tell(&mut engine, 1, ring()), 0);
    assert!(engine.remove(id) && !engine.remove(id));
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let device = DeviceId::new();
    let count = Count { of: rings(), at_least: 3, within_seconds: 100 };
    let rules: Vec<_> = [
        Rule { cooldown_seconds: 50, ..rule(Condition::Count(count)) },
        Rule { for_seconds: 30, ..rule(above(device, 1.0)) },
        rule(Condition::Absent(Absent { of: rings(), for_seconds: 40 })),
    ]
    .into_iter()
    .map(|rule| (RuleId::new(), rule))
    .collect();
    let mut engine = engine();
    for (id, rule) in &rules {
        engine.put(at(0), *id, rule.clone()).expect("a rule");
    }
    for time in [1, 2] {
        tell(&mut engine, time, ring());
    }
    tell(&mut engine, 3, reading(device, 5.0));
    let json = serde_json::to_vec(&engine.snapshot()).expect("JSON");
    let mut again = self::engine();
    again.restore(serde_json::from_slice(&json).expect("a state"), rules).expect("same version");
    assert_eq!(again.snapshot(), engine.snapshot());
    for body in [ring(), FactBody::Tick, FactBody::Tick] {
        let time = again.now.as_micros() / 1_000_000 + 20;
        let fact = Fact { event: None, at: at(time), body };
        assert_eq!(again.step(at(time), &fact), engine.step(at(time), &fact));
    }
}

#[test]
fn a_busy_house_with_many_rules_is_remembered_within_bounds() {
    let mut engine = engine();
    let lamp = DeviceId::new();
    for number in 0..200_u16 {
        let count = Count { of: rings(), at_least: 2 + number % 50, within_seconds: 60 };
        let when = Condition::All(vec![
            Condition::Any(vec![
                Condition::Count(count),
                Condition::Not(Box::new(above(lamp, f64::from(number)))),
                Condition::Stays(Stays { of: Happens::default(), for_seconds: 10 }),
            ]),
            armed(),
            Condition::Hours(Hours {
                days: Vec::new(),
                from: "22:00".parse().expect("a time"),
                to: "21:00".parse().expect("a time"),
            }),
        ]);
        engine.put(at(0), RuleId::new(), rule(when)).expect("a rule");
    }
    tell(&mut engine, 0, FactBody::Mode(Mode::Away));
    let mut state_after = |steps: std::ops::Range<i32>| {
        for step in steps {
            let now = at(i64::from(step) / 50);
            let body = match step % 3 {
                0 => ring(),
                1 => reading(lamp, f64::from(step % 200)),
                _ => happened(EventKind::ActivityNoticed, |h| h.activity = Some(EventId::new())),
            };
            engine.step(now, &Fact { event: None, at: now, body });
        }
        serde_json::to_vec(&engine.snapshot()).expect("JSON").len()
    };
    // All that is remembered is within a minute, an hour for who stays: another minute adds nothing
    // but what came in it.
    let (two, four) = (state_after(0..6_000), state_after(6_000..12_000));
    assert!(four < 2 * two, "{two} bytes after two minutes, {four} after four");
    assert_eq!(engine.suspended(), []);
}

#[test]
fn notify_is_data_for_the_hub() {
    let to = Vec::new();
    let notify = Action::Notify { to, severity: Severity::Warning, picture: true, text: None };
    let (mut engine, _) =
        with(Rule { then: vec![notify.clone()], ..rule(Condition::Happens(rings())) });
    let firings = engine.step(at(1), &Fact { event: None, at: at(1), body: ring() });
    let mut entry = crate::Execution::begin(firings.first().expect("a run"));
    assert!(!entry.is_over());
    assert!(entry.note(0, crate::Outcome::Done(at(2))));
    assert!(!entry.note(0, crate::Outcome::Pending) && !entry.note(1, crate::Outcome::Pending));
    assert!(entry.is_over());
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let device = DeviceId::from_bytes([7; 16]);
    let test = prop_oneof![
        Just(Condition::Happens(rings())),
        Just(Condition::Happens(Happens { who: Some(WhoIs::Stranger), ..Happens::default() })),
        Just(Condition::Count(Count { of: rings(), at_least: 2, within_seconds: 5 })),
        Just(Condition::Absent(Absent { of: rings(), for_seconds: 5 })),
        Just(armed()),
        Just(above(device, 10.0)),
    ];
    test.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

fn any_fact() -> impl Strategy<Value = FactBody> {
    let device = DeviceId::from_bytes([7; 16]);
    prop_oneof![
        Just(ring()),
        Just(happened(EventKind::VisitBegan, |h| h.who = Some(Who::Stranger))),
        Just(FactBody::Tick),
        prop::sample::select(Mode::ALL.to_vec()).prop_map(FactBody::Mode),
        any::<f64>().prop_map(move |value| reading(device, value)),
        Just(FactBody::Silent { device }),
    ]
}

proptest! {
    #[test]
    fn any_rules_and_any_facts_run_the_same_twice_and_over_a_restart(
        conditions in prop::collection::vec(any_condition(), 1..5),
        facts in prop::collection::vec((any_fact(), -5_i64..20), 1..40),
        restart in 0_usize..40,
    ) {
        let rules: Vec<_> =
            conditions.into_iter().map(|when| (RuleId::new(), rule(when))).collect();
        let mut engines = [engine(), engine()];
        for engine in &mut engines {
            for (id, rule) in &rules {
                engine.put(at(0), *id, rule.clone()).expect("a rule");
            }
        }
        let mut now = 0;
        for (number, (body, later)) in facts.into_iter().enumerate() {
            now += later;
            let fact = Fact { event: None, at: at(now), body };
            let [one, other] = &mut engines;
            prop_assert_eq!(one.step(at(now), &fact), other.step(at(now), &fact));
            if number == restart {
                let state = other.snapshot();
                *other = engine();
                other.restore(state, rules.clone()).expect("same version");
            }
        }
    }

    #[test]
    fn a_momentary_condition_is_never_true_between_moments(
        when in any_condition(),
    ) {
        let world = World::default();
        let memory = Memory::new(&rule(when.clone()), at(0));
        let (groups, zone) = (Groups::new(), TimeZone::UTC);
        let judge = Judge {
            world: &world, memory: &memory, groups: &groups, zone: &zone, moment: None, now: at(1),
        };
        let truth = judge.truth(&when).expect("no group");
        prop_assert!(!(when.is_momentary() && truth.is_some_and(|truth| truth.is_true)));
    }
}
