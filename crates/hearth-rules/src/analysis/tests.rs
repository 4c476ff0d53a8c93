use hearth_model::{
    CameraId, DeviceId, Direction, EventId, EventKind, Label, PersonId, RuleId, Severity, WallTime,
    Weekday,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::*;

fn rule(when: Condition, then: Vec<Action>) -> Rule {
    Rule {
        version: 1,
        name: "Test".to_owned(),
        is_on: true,
        priority: 50,
        when,
        for_seconds: 0,
        cooldown_seconds: 600,
        then,
    }
}

fn log() -> Vec<Action> {
    vec![Action::Log { text: None }]
}

fn mode(is: &[Mode]) -> Condition {
    Condition::Mode(ModeIs { is: is.to_vec() })
}

fn hours(from: &str, to: &str, days: &[Weekday]) -> Condition {
    let time = |text: &str| text.parse().expect("a time");
    Condition::Hours(Hours { days: days.to_vec(), from: time(from), to: time(to) })
}

fn reading(above: Option<f64>, below: Option<f64>) -> Condition {
    let device = DeviceId::from_bytes([5; 16]);
    Condition::Reading(ReadingIs { device, reading: "power".to_owned(), above, below })
}

fn power(is: bool) -> Condition {
    let device = DeviceId::from_bytes([5; 16]);
    Condition::Device(DeviceIs { device, control: "power".to_owned(), is: Value::Switch(is) })
}

fn switch(on: bool) -> Action {
    Action::Switch { device: DeviceId::from_bytes([5; 16]), on, for_seconds: None }
}

fn kinds(kinds: &[EventKind]) -> Condition {
    Condition::Happens(Happens { kinds: kinds.to_vec(), ..Happens::default() })
}

fn label(name: &str) -> Condition {
    let labels = vec![Label::new(name).expect("a label")];
    Condition::Happens(Happens { labels, ..Happens::default() })
}

fn who(who: WhoIs) -> Condition {
    Condition::Happens(Happens { who: Some(who), ..Happens::default() })
}

fn not(part: Condition) -> Condition {
    Condition::Not(Box::new(part))
}

fn all<const N: usize>(parts: [Condition; N]) -> Condition {
    Condition::All(parts.to_vec())
}

fn codes(rule: &Rule, known: &Known) -> Vec<&'static str> {
    check(rule, known).into_iter().map(|finding| finding.code).collect()
}

fn house() -> Known {
    let device = |byte, name: &str, kind| KnownDevice {
        id: DeviceId::from_bytes([byte; 16]),
        name: name.to_owned(),
        kind,
        controls: vec!["power".to_owned()],
        readings: vec!["power".to_owned()],
    };
    let labels = ["person", "car"].map(|name| Label::new(name).expect("a label")).to_vec();
    let devices = vec![device(5, "Lamp", DeviceKind::Light), device(6, "Siren", DeviceKind::Siren)];
    Known { devices, labels, ..Known::default() }
}

#[test]
fn what_excludes_itself_is_never_true() {
    use EventKind::{ActivityNoticed, Ring};
    let ben = PersonId::new();
    let confident = |min, max| {
        let (confidence_min, confidence_max) = (min, max);
        Condition::Happens(Happens { confidence_min, confidence_max, ..Happens::default() })
    };
    let never = [
        all([mode(&[Mode::Away]), mode(&[Mode::Home])]),
        all([mode(&[Mode::Away]), not(mode(&Mode::ARMED))]),
        all([hours("22:00", "06:00", &[]), hours("08:00", "09:00", &[])]),
        all([
            hours("10:00", "12:00", &[Weekday::Monday]),
            hours("10:00", "12:00", &[Weekday::Tuesday]),
        ]),
        all([
            hours("23:00", "01:00", &[Weekday::Sunday]),
            hours("02:00", "00:00", &[]),
            hours("00:00", "23:00", &[Weekday::Monday]),
        ]),
        all([reading(Some(30.0), None), reading(None, Some(20.0))]),
        all([reading(Some(30.0), None), not(reading(Some(30.0), None))]),
        all([reading(Some(30.0), None), reading(None, Some(30.0))]),
        all([power(true), power(false)]),
        all([not(power(true)), not(power(false))]),
        all([kinds(&[Ring]), kinds(&[ActivityNoticed])]),
        all([kinds(&[Ring]), label("person")]),
        all([label("person"), label("car")]),
        all([label("person"), not(label("person"))]),
        all([who(WhoIs::Stranger), who(WhoIs::People(vec![ben]))]),
        all([who(WhoIs::People(vec![ben])), not(who(WhoIs::Known))]),
        confident(Some(80), Some(70)),
        Condition::Any(vec![all([power(true), power(false)]), confident(Some(80), Some(70))]),
        not(Condition::Any(vec![mode(&[Mode::Disarmed]), mode(&Mode::ARMED)])),
    ];
    for when in never {
        let codes = codes(&rule(when.clone(), log()), &house());
        assert!(codes.contains(&"never_true"), "{when:?} {codes:?}");
    }
}

#[test]
fn what_can_be_so_is_not_called_impossible() {
    use EventKind::{ActivityNoticed, Ring};
    let possible = [
        all([mode(&[Mode::Away, Mode::Home]), mode(&[Mode::Home])]),
        all([hours("22:00", "06:00", &[]), hours("05:59", "09:00", &[])]),
        all([
            hours("22:00", "06:00", &[Weekday::Sunday]),
            hours("01:00", "02:00", &[Weekday::Monday]),
        ]),
        all([reading(Some(20.0), None), reading(None, Some(30.0))]),
        all([not(reading(Some(30.0), None)), not(reading(None, Some(30.0)))]),
        all([kinds(&[Ring, ActivityNoticed]), label("person")]),
        all([label("person"), not(label("car"))]),
        all([who(WhoIs::Known), who(WhoIs::People(vec![PersonId::new()]))]),
        all([kinds(&[Ring]), who(WhoIs::Stranger), mode(&[Mode::Night])]),
    ];
    for when in possible {
        let codes = codes(&rule(when.clone(), log()), &house());
        assert!(!codes.contains(&"never_true"), "{when:?}");
        assert!(!codes.contains(&"always_true"), "{when:?}");
    }
}

#[test]
fn always_true_and_unreachable_parts_are_told() {
    let always = Condition::Any(vec![mode(&[Mode::Disarmed]), mode(&Mode::ARMED)]);
    assert!(codes(&rule(always, log()), &house()).contains(&"always_true"));
    let whole_day =
        Condition::Any(vec![hours("06:00", "22:00", &[]), hours("22:00", "06:00", &[])]);
    assert!(codes(&rule(whole_day, log()), &house()).contains(&"always_true"));
    let one = Condition::Any(vec![mode(&[Mode::Home]), mode(&[Mode::Away]), power(true)]);
    let found = check(&rule(all([mode(&[Mode::Home]), one]), log()), &house());
    let at: Vec<_> = found.iter().filter(|f| f.code == "unreachable").map(|f| &f.at).collect();
    assert_eq!(at, ["when.2"]);
}

/// A button sees no face; the visit that it begins does.
#[test]
fn who_it_is_is_asked_of_visits() {
    let who = Some(WhoIs::Known);
    for (kinds, is_told) in [
        (vec![EventKind::Ring], true),
        (vec![EventKind::Ring, EventKind::VisitChanged], false),
        (Vec::new(), false),
    ] {
        let when = Condition::Happens(Happens { kinds, who: who.clone(), ..Happens::default() });
        assert_eq!(codes(&rule(when, log()), &house()).contains(&"who_never_known"), is_told);
    }
}

#[test]
fn what_the_house_does_not_have_is_an_error() {
    let camera = CameraId::new();
    let when = Condition::Happens(Happens {
        cameras: vec![camera],
        zones: vec![hearth_model::ZoneId::new()],
        who: Some(WhoIs::People(vec![PersonId::new()])),
        devices: vec![DeviceId::new()],
        labels: vec![Label::new("dog").expect("a label")],
        ..Happens::default()
    });
    let set = Action::Set {
        device: DeviceId::from_bytes([5; 16]),
        control: "volume".to_owned(),
        value: Value::Number(3.0),
    };
    let then = vec![
        Action::Notify {
            to: vec![hearth_model::RecipientId::new()],
            severity: Severity::Info,
            picture: false,
            text: None,
        },
        Action::Webhook { channel: hearth_model::ChannelId::new() },
        Action::Siren { devices: vec![DeviceId::from_bytes([5; 16])], seconds: 10 },
        set,
    ];
    let codes = codes(&rule(when, then), &house());
    for code in [
        "unknown_camera",
        "unknown_zone",
        "unknown_person",
        "unknown_device",
        "unknown_label",
        "unknown_recipient",
        "unknown_channel",
        "not_a_siren",
        "unknown_control",
    ] {
        assert!(codes.contains(&code), "{code} {codes:?}");
    }
}

/// A photograph may be taken for a face.
#[test]
fn a_rule_that_disarms_is_warned_of() {
    let disarm = vec![Action::Arm { mode: Mode::Disarmed }];
    assert_eq!(codes(&rule(who(WhoIs::Known), disarm), &house()), ["disarms"]);
}

/// When something begins nobody knows where it goes: such a rule would wait for ever.
#[test]
fn a_direction_is_told_of_what_is_recognised_and_of_nothing_else() {
    let direction = Some(Direction::Leaving);
    let labels = vec![Label::new("person").expect("a label")];
    let leaves = |kinds: &[EventKind]| {
        let (labels, kinds) = (labels.clone(), kinds.to_vec());
        let leaves = Happens { direction, labels, kinds, ..Happens::default() };
        codes(&rule(Condition::Happens(leaves), log()), &house())
    };
    let (noticed, recognized) = (EventKind::ActivityNoticed, EventKind::ActivityRecognized);
    assert_eq!(leaves(&[]), [""; 0]);
    assert_eq!(leaves(&[noticed, recognized]), [""; 0]);
    assert_eq!(leaves(&[noticed]), ["direction_not_told"]);
}

#[test]
fn a_siren_wants_a_cooldown_and_a_mode() {
    let siren = vec![Action::Siren { devices: Vec::new(), seconds: 60 }];
    let calm = rule(all([label("person"), mode(&[Mode::Away])]), siren.clone());
    assert_eq!(codes(&calm, &house()), [""; 0]);
    let loud = Rule { cooldown_seconds: 0, ..rule(label("person"), siren) };
    let found = codes(&loud, &house());
    assert_eq!(found, ["siren_without_cooldown", "siren_without_mode"]);
    let clip = Action::HoldClip { before_seconds: 10, after_seconds: 20, days: 30 };
    assert!(codes(&rule(mode(&[Mode::Away]), vec![clip]), &house()).contains(&"no_camera"));
    let anything = rule(Condition::Happens(Happens::default()), log());
    assert_eq!(codes(&anything, &house()), ["anything"]);
    let both = rule(label("person"), vec![switch(true), switch(false)]);
    assert!(codes(&both, &house()).contains(&"opposed_actions"));
}

#[test]
fn opposed_rules_conflict_only_where_both_can_run() {
    let id = |byte| RuleId::from_bytes([byte; 16]);
    let on = rule(all([label("person"), hours("22:00", "06:00", &[])]), vec![switch(true)]);
    let off = rule(label("person"), vec![switch(false)]);
    let opposed = Conflict::Opposed {
        rules: [id(1), id(2)],
        actions: [0, 0],
        is_decided: false,
        is_proved: true,
    };
    assert_eq!(conflicts(&[(id(1), &on), (id(2), &off)]), [opposed]);
    let day = rule(all([label("person"), hours("08:00", "20:00", &[])]), vec![switch(false)]);
    assert_eq!(conflicts(&[(id(1), &on), (id(2), &day)]), []);
    let asleep = Rule { is_on: false, ..off };
    assert_eq!(conflicts(&[(id(1), &on), (id(2), &asleep)]), []);
    let twin = on.clone();
    let redundant = Conflict::Redundant { rules: [id(1), id(2)] };
    assert_eq!(conflicts(&[(id(1), &on), (id(2), &twin)]), [redundant]);
}

#[test]
fn rules_that_make_each_other_run_are_a_loop() {
    let id = |byte| RuleId::from_bytes([byte; 16]);
    let arm = |mode| vec![Action::Arm { mode }];
    let leave = rule(mode(&[Mode::Home]), arm(Mode::Away));
    let come = rule(mode(&[Mode::Away]), arm(Mode::Night));
    let stay = rule(not(mode(&[Mode::Away])), arm(Mode::Home));
    let ids = vec![id(1), id(2), id(3)];
    let found = conflicts(&[(id(1), &leave), (id(2), &come), (id(3), &stay)]);
    assert!(found.contains(&Conflict::Loop { rules: ids }), "{found:?}");
    assert_eq!(conflicts(&[(id(1), &leave), (id(2), &rule(mode(&[Mode::Away]), log()))]), []);
    let alerts = vec![Action::Alert { severity: Severity::Info, title: "x".to_owned() }];
    let itself = rule(kinds(&[EventKind::IncidentOpened]), alerts);
    assert!(codes(&itself, &house()).contains(&"triggers_itself"));
    let again = rule(power(true), vec![switch(true)]);
    assert!(!codes(&again, &house()).contains(&"triggers_itself"));
}

#[test]
fn a_dry_run_says_when_and_why_it_would_have_run() {
    let at = |seconds: i64| WallTime::from_micros(seconds * 1_000_000);
    let fact = |seconds, body| Fact { event: Some(EventId::new()), at: at(seconds), body };
    let ring = || FactBody::Happened(Box::new(Happening::of(EventKind::Ring)));
    let history = vec![
        fact(0, FactBody::Mode(Mode::Home)),
        fact(10, ring()),
        fact(20, FactBody::Mode(Mode::Away)),
        fact(30, ring()),
        fact(31, ring()),
        fact(5_000, ring()),
    ];
    let when = all([kinds(&[EventKind::Ring]), mode(&[Mode::Away])]);
    let rule = Rule { is_on: false, ..rule(when, log()) };
    let dry = dry_run(&rule, TimeZone::UTC, Groups::new(), history.clone()).expect("a rule");
    assert_eq!((dry.runs, dry.facts, dry.is_cut), (2, 6, false));
    let told: Vec<_> = dry.told.iter().map(|run| (run.at, run.event)).collect();
    let event = |index: usize| history.get(index).and_then(|fact: &Fact| fact.event);
    assert_eq!(told, [(at(30), event(3)), (at(5_000), event(5))]);
    let because = dry.told.first().map(|run| run.because.iter().map(|one| one.since).collect());
    assert_eq!(because, Some(vec![at(30), at(20)]));
    // Time between facts counts.
    let absent = Absent { of: Happens::default(), for_seconds: 600 };
    let quiet = self::rule(Condition::Absent(absent), log());
    let dry = dry_run(&quiet, TimeZone::UTC, Groups::new(), history).expect("a rule");
    assert_eq!(dry.told.iter().map(|run| run.at).collect::<Vec<_>>(), [at(631)]);
    assert_eq!(dry_run(&quiet, TimeZone::UTC, Groups::new(), []).map(|dry| dry.runs), Ok(0));
}

#[test]
fn conflicts_of_many_rules_are_told_up_to_a_limit() {
    // Three to the fifth power of cases, none of them possible.
    let five = ["01:00", "03:00", "05:00", "07:00", "09:00"].map(|from| {
        let to = from.replace(":00", ":30");
        Condition::Any(vec![hours(from, &to, &[]); 3])
    });
    let rules: Vec<_> = (0..200_u8)
        .map(|byte| {
            let rule = rule(all(five.clone()), vec![switch(byte % 2 == 0)]);
            (RuleId::from_bytes([byte; 16]), rule)
        })
        .collect();
    let begun = std::time::Instant::now();
    let worst = rules.first().map(|(_, rule)| codes(rule, &house()));
    let one = begun.elapsed();
    assert!(worst.is_some_and(|codes| codes.contains(&"never_true")));
    let all: Vec<_> = rules.iter().map(|(id, rule)| (*id, rule)).collect();
    let found = conflicts(&all).len();
    assert_eq!(found, CONFLICTS_MAX);
    println!("worst rule {one:?}; {found} conflicts of 200 rules {:?}", begun.elapsed() - one);
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let test = prop_oneof![
        prop::sample::subsequence(Mode::ALL.to_vec(), 1..5).prop_map(|is| mode(&is)),
        any::<bool>().prop_map(power),
        (0..3_u8).prop_map(|edge| reading(Some(edge.into()), None)),
        (0..3_u8).prop_map(|edge| reading(None, Some(edge.into()))),
        prop::sample::select(vec!["person", "car"]).prop_map(label),
        Just(kinds(&[EventKind::ActivityNoticed])),
    ];
    test.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn what_ran_was_not_called_impossible(
        when in any_condition(), is_on: bool, value in 0..4_u8, seen: bool,
        mode in prop::sample::select(Mode::ALL.to_vec()),
    ) {
        let device = DeviceId::from_bytes([5; 16]);
        let mut happening = Happening::of(EventKind::ActivityNoticed);
        happening.label = Label::new(if seen { "person" } else { "car" });
        let bodies = [
            FactBody::Tick,
            FactBody::Mode(mode),
            FactBody::Control { device, control: "power".to_owned(), value: Value::Switch(is_on) },
            FactBody::Reading { device, reading: "power".to_owned(), value: value.into() },
            FactBody::Happened(Box::new(happening)),
        ];
        let facts = bodies.into_iter().map(|body| {
            Fact { event: None, at: WallTime::from_micros(0), body }
        });
        let rule = rule(when, log());
        let dry = dry_run(&rule, TimeZone::UTC, Groups::new(), facts).expect("a rule");
        let never = codes(&rule, &house()).contains(&"never_true");
        prop_assert!(!(never && dry.runs > 0));
    }
}
