use std::collections::BTreeSet;

use hearth_model::{
    CameraId, ChannelId, DeviceId, Direction, EventKind, GroupId, Label, PersonId, RecipientId,
    Severity, Weekday, ZoneId,
};
use proptest::prelude::*;

use super::*;
use crate::*;

/// Names as people give them, and as nobody should.
fn house() -> Known {
    let camera = |byte, name: &str, zone: &str| KnownCamera {
        id: CameraId::from_bytes([byte; 16]),
        name: name.to_owned(),
        zones: vec![(ZoneId::from_bytes([byte; 16]), zone.to_owned())],
        presets: Vec::new(),
    };
    let device = |byte, name: &str| KnownDevice {
        id: DeviceId::from_bytes([byte; 16]),
        name: name.to_owned(),
        kind: DeviceKind::Other,
        controls: Vec::new(),
        readings: Vec::new(),
    };
    let person = |byte, name: &str| (PersonId::from_bytes([byte; 16]), name.to_owned());
    let members = BTreeSet::new();
    Known {
        cameras: vec![
            camera(1, "Front door", "Porch"),
            camera(2, "Front", "Porch"),
            camera(3, "and \"or\" \\ (then)", "Steps"),
        ],
        devices: vec![
            device(1, "Hall light"),
            device(2, "Living room"),
            device(3, "Ben"),
            device(4, "Twin"),
            device(5, "twin"),
        ],
        people: vec![person(1, "Ben"), person(2, "Zoë Øst"), person(3, "person")],
        groups: vec![KnownGroup {
            id: GroupId::from_bytes([1; 16]),
            name: "Family".to_owned(),
            members,
        }],
        recipients: vec![
            (RecipientId::from_bytes([1; 16]), "Ben".to_owned()),
            (RecipientId::from_bytes([2; 16]), "Eva".to_owned()),
        ],
        channels: vec![(ChannelId::from_bytes([1; 16]), "Hook 1".to_owned())],
        labels: ["person", "car"].iter().filter_map(|name| Label::new(name)).collect(),
    }
}

fn rule_of(sentence: &str) -> Rule {
    let draft = read(sentence, &house());
    assert_eq!(draft.not_understood, [], "{sentence}");
    draft.rule.expect("a rule")
}

fn light() -> DeviceId {
    DeviceId::from_bytes([1; 16])
}

fn hours(from: &str, to: &str, days: &[Weekday]) -> Condition {
    let time = |text: &str| text.parse().expect("a time");
    Condition::Hours(Hours { days: days.to_vec(), from: time(from), to: time(to) })
}

fn armed() -> Condition {
    Condition::Mode(ModeIs { is: Mode::ARMED.to_vec() })
}

fn at_front_door() -> Happens {
    Happens { cameras: vec![CameraId::from_bytes([1; 16])], ..Happens::default() }
}

/// Nobody has to see who presses a button.
#[test]
fn somebody_who_rings_is_not_looked_at() {
    for sentence in ["When somebody rings, log it.", "When anyone rings at the front door, log it."]
    {
        let rule = read(sentence, &Known::default()).rule;
        let of = rule.as_ref().and_then(|rule| rule.when.happens());
        assert!(of.is_some_and(|of| of.labels.is_empty() && of.who.is_none()), "{rule:?}");
    }
}

#[test]
fn the_sentence_of_the_plan_is_understood() {
    let text = "When an unknown person is at the front door between 22:00 and 6:00 and the house \
                is armed, notify Ben and switch the hall light on";
    let rule = rule_of(text);
    let kinds = vec![EventKind::VisitBegan, EventKind::VisitChanged];
    let stranger = Happens { kinds, who: Some(WhoIs::Stranger), ..at_front_door() };
    let parts = vec![Condition::Happens(stranger), hours("22:00", "06:00", &[]), armed()];
    assert_eq!(rule.when, Condition::All(parts));
    let to = vec![RecipientId::from_bytes([1; 16])];
    let notify = Action::Notify { to, severity: Severity::Warning, picture: false, text: None };
    let switch = Action::Switch { device: light(), on: true, for_seconds: None };
    assert_eq!(rule.then, [notify, switch]);
    assert!(!rule.is_on, "a person switches it on");
    let understood = read(text, &house()).understood;
    let texts: Vec<_> = understood.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "an unknown person is at the front door",
            "between 22:00 and 6:00",
            "the house is armed",
            "notify Ben",
            "switch the hall light on"
        ]
    );
}

/// A button sees no face: somebody in particular who rings is looked for in the visit.
#[test]
fn somebody_of_a_group_who_rings_is_a_visit() {
    for sentence in [
        "when somebody of Family rings at the front door, log it",
        "when somebody from the family rings at the front door, log it",
    ] {
        let rule = rule_of(sentence);
        let of = rule.when.happens().expect("something that happens");
        assert_eq!(of.kinds, [EventKind::VisitBegan, EventKind::VisitChanged]);
        assert_eq!(of.who, Some(WhoIs::Group(GroupId::from_bytes([1; 16]))));
        assert_eq!(of.details.len(), 1, "whoever only passes by does not ring");
        let written = write(&rule, &house());
        assert!(
            written.contains("Family\" rings") || written.contains("Family rings"),
            "{written}"
        );
        assert_eq!(read(&written, &house()).rule.as_ref(), Some(&rule));
    }
}

#[test]
fn ordinary_sentences_are_understood() {
    for sentence in [
        "if somebody rings at the front door on weekends then tell everybody urgently with a picture",
        "when a person or car is seen in the steps and not the house is disarmed, record for 1 minute",
        "when the temperature in the living room is above 25 degrees, turn off the hall light",
        "when the hall light is on, holding for 10 minutes, switch the hall light off",
        "when no person is seen at the front door for 2 hours, arm away",
        "when a person stays at the front door for more than 30 seconds, sound the siren",
        "when a person approaches with confidence at least 70 %, hold the clip",
        "when Ben or Zoë Øst is at Front, disarm the house and log it",
        "when somebody of Family comes by, disarm the house",
        "when something rings at least 3 times within 10 minutes, raise a critical alert \"Bell\"",
        "when (a car is seen) or (somebody rings) notify Eva and Ben; at most once every 5 minutes",
        "when the house is away or vacation, switch privacy off",
        "when a person is seen between 23:00 and 5:00 on monday or friday, call hook 1",
    ] {
        rule_of(sentence);
    }
}

#[test]
fn what_is_not_understood_is_told_and_the_rest_is_read() {
    let text = "when somebody rings suddenly and the moon is full and the house is armed, \
                notify Santa and switch the hall light on, dance";
    let draft = read(text, &house());
    let missed: Vec<_> = draft.not_understood.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(missed, ["suddenly", "the moon is full", "notify Santa", "dance"]);
    let rule = draft.rule.expect("enough for a rule");
    assert_eq!((rule.when.parts().len(), rule.then.len()), (2, 1));
    for nothing in ["", "when", "hello", "when somebody rings", ", notify Ben", "((((", "\"", ";"] {
        assert_eq!(read(nothing, &house()).rule, None, "{nothing}");
    }
}

#[test]
fn a_name_of_two_things_is_not_guessed() {
    let draft = read("when somebody rings, switch twin on", &house());
    assert_eq!(draft.rule, None);
    let texts: Vec<_> = draft.not_understood.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["switch twin on"]);
    // The zone of the camera that was named, and the longest name.
    let rule = rule_of("when a person is seen at the front door in the porch, log it");
    let porch = vec![ZoneId::from_bytes([1; 16])];
    assert_eq!(rule.when.happens().map(|of| of.zones.clone()), Some(porch));
}

#[test]
fn brackets_without_end_do_not_end_the_program() {
    let deep = format!("when {}somebody rings, log it", "(".repeat(4_000));
    assert!(!read(&deep, &house()).not_understood.is_empty());
    let nots = format!("when {}somebody rings, log it", "not ".repeat(2_000));
    assert!(!read(&nots, &house()).not_understood.is_empty());
}

fn any_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["Hello", "a \"b\" \\c", "x; y, (z) and %", "ä 12 \u{2028}", "on"])
        .prop_map(str::to_owned)
}

fn ids<I: Clone + std::fmt::Debug + 'static>(
    of: fn([u8; 16]) -> I,
    most: u8,
) -> BoxedStrategy<Vec<I>> {
    let all: Vec<I> = (1..=most).map(|byte| of([byte; 16])).collect();
    prop::sample::subsequence(all.clone(), 0..=all.len()).boxed()
}

fn one<I: Clone + std::fmt::Debug + 'static>(of: fn([u8; 16]) -> I, most: u8) -> BoxedStrategy<I> {
    (1..=most).prop_map(move |byte| of([byte; 16])).boxed()
}

fn any_who() -> impl Strategy<Value = WhoIs> {
    prop_oneof![
        Just(WhoIs::Known),
        Just(WhoIs::Stranger),
        Just(WhoIs::FaceHidden),
        Just(WhoIs::Group(GroupId::from_bytes([1; 16]))),
        ids(PersonId::from_bytes, 3)
            .prop_filter("somebody", |people| !people.is_empty())
            .prop_map(WhoIs::People),
    ]
}

/// Numbers that JSON keeps exactly.
fn any_number() -> impl Strategy<Value = f64> + Clone {
    (-8_000_000..8_000_000_i32).prop_map(|eighths| f64::from(eighths) / 8.0)
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    let number = any_number();
    prop_oneof![
        any_text().prop_map(Comparison::Equals),
        any_text().prop_map(Comparison::NotEquals),
        any_text().prop_map(Comparison::Contains),
        any_text().prop_map(Comparison::Matches),
        prop::collection::vec(any_text(), 1..3).prop_map(Comparison::OneOf),
        number.clone().prop_map(Comparison::GreaterThan),
        number.clone().prop_map(Comparison::LessThan),
        (number.clone(), number).prop_map(|(from, to)| Comparison::Between([from, to])),
    ]
}

fn any_happens() -> impl Strategy<Value = Happens> {
    let kinds = EventKind::ALL.map(|(kind, _)| kind).to_vec();
    let labels = ["person", "traffic light", "motion", "who", "on"];
    let labels: Vec<_> = labels.iter().filter_map(|name| Label::new(name)).collect();
    let ways = [Direction::Approaching, Direction::Leaving, Direction::Left, Direction::Right];
    let kinds = prop_oneof![
        prop::sample::subsequence(kinds, 0..4),
        Just(vec![EventKind::ActivityNoticed, EventKind::ActivityRecognized]),
    ];
    let details = prop::collection::vec((any_text(), any_comparison()), 0..2);
    let details = details.prop_map(|all| {
        all.into_iter().map(|(detail, is)| DetailIs { detail, is }).collect::<Vec<_>>()
    });
    (
        (kinds, ids(CameraId::from_bytes, 3), prop::sample::subsequence(labels, 0..3)),
        (ids(ZoneId::from_bytes, 3), prop::option::of(0..=100_u8), prop::option::of(0..=100_u8)),
        (
            prop::option::of(any_who()),
            prop::option::of(prop::sample::select(ways.to_vec())),
            ids(DeviceId::from_bytes, 5),
            prop::collection::vec(any_text(), 0..3),
            details,
        ),
    )
        .prop_map(|((kinds, cameras, labels), (zones, min, max), rest)| {
            let (who, direction, devices, what, details) = rest;
            let (confidence_min, confidence_max) = (min, max);
            Happens {
                kinds,
                cameras,
                labels,
                zones,
                confidence_min,
                confidence_max,
                who,
                direction,
                devices,
                what,
                details,
            }
        })
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Switch),
        any_number().prop_map(Value::Number),
        any_text().prop_map(Value::Word),
    ]
}

fn any_test() -> impl Strategy<Value = Condition> {
    let seconds = || 1..=SECONDS_MAX;
    let minute =
        || (0..1_440_u16).prop_map(|minute| TimeOfDay::from_minute(minute).expect("small"));
    let device = || one(DeviceId::from_bytes, 5);
    prop_oneof![
        3 => any_happens().prop_map(Condition::Happens),
        1 => (any_happens(), 2..=100_u16, seconds()).prop_map(|(of, at_least, within_seconds)| {
            Condition::Count(Count { of, at_least, within_seconds })
        }),
        1 => (any_happens(), seconds())
            .prop_map(|(of, for_seconds)| Condition::Absent(Absent { of, for_seconds })),
        1 => (any_happens(), seconds()).prop_map(|(of, for_seconds)| {
            Condition::Stays(Stays { of: Happens { kinds: Vec::new(), ..of }, for_seconds })
        }),
        1 => prop::sample::subsequence(Mode::ALL.to_vec(), 1..=5)
            .prop_map(|is| Condition::Mode(ModeIs { is })),
        1 => (prop::sample::subsequence(WEEK.to_vec(), 0..=7), minute(), minute())
            .prop_map(|(days, from, to)| Condition::Hours(Hours { days, from, to })),
        1 => (device(), any_text(), any_value()).prop_map(|(device, control, is)| {
            Condition::Device(DeviceIs { device, control, is })
        }),
        1 => (device(), any_text(), any_number(), 0..3_u8).prop_map(|(device, reading, edge, how)| {
            let (above, below) = ((how != 1).then_some(edge), (how != 0).then_some(edge + 1.0));
            Condition::Reading(ReadingIs { device, reading, above, below })
        }),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    any_test().prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

fn any_action() -> impl Strategy<Value = Action> {
    let severity =
        || prop::sample::select(vec![Severity::Info, Severity::Warning, Severity::Critical]);
    let seconds = || 1..=SECONDS_MAX;
    let channel = || Just(ChannelId::from_bytes([1; 16]));
    let device = || one(DeviceId::from_bytes, 5);
    prop_oneof![
        (ids(RecipientId::from_bytes, 2), severity(), any::<bool>(), prop::option::of(any_text()))
            .prop_map(|(to, severity, picture, text)| Action::Notify {
                to,
                severity,
                picture,
                text
            }),
        (ids(CameraId::from_bytes, 3), seconds())
            .prop_map(|(cameras, seconds)| Action::Record { cameras, seconds }),
        (1..100_u32, 0..100_u32, 1..=366_u16).prop_map(|(before_seconds, after_seconds, days)| {
            Action::HoldClip { before_seconds, after_seconds, days }
        }),
        (severity(), any_text()).prop_map(|(severity, title)| Action::Alert { severity, title }),
        (ids(DeviceId::from_bytes, 5), 0..=SIREN_SECONDS_MAX)
            .prop_map(|(devices, seconds)| Action::Siren { devices, seconds }),
        (device(), any::<bool>(), prop::option::of(seconds()))
            .prop_map(|(device, on, for_seconds)| Action::Switch { device, on, for_seconds }),
        (device(), any_text(), any_value()).prop_map(|(device, control, value)| Action::Set {
            device,
            control,
            value
        }),
        (one(CameraId::from_bytes, 3), any_text())
            .prop_map(|(camera, preset)| Action::Preset { camera, preset }),
        (any::<bool>(), prop::option::of(seconds()))
            .prop_map(|(on, for_seconds)| Action::Privacy { on, for_seconds }),
        prop::sample::select(Mode::ALL.to_vec()).prop_map(|mode| Action::Arm { mode }),
        channel().prop_map(|channel| Action::Webhook { channel }),
        (channel(), any_text(), any_text()).prop_map(|(channel, topic, payload)| Action::Mqtt {
            channel,
            topic,
            payload
        }),
        prop::option::of(any_text()).prop_map(|text| Action::Log { text }),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let options = (0..=100_u8, 0..SECONDS_MAX, prop::option::of(1..SECONDS_MAX), any_text());
    (any_condition(), prop::collection::vec(any_action(), 1..4), options)
        .prop_map(|(when, then, (priority, cooldown_seconds, lasting, name))| Rule {
            version: FORMAT,
            name,
            is_on: false,
            priority,
            for_seconds: lasting.filter(|_| !when.is_momentary()).unwrap_or(0),
            when,
            cooldown_seconds,
            then,
        })
        .prop_filter("within the limits", |rule| rule.check().is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_the_same_rule(rule in any_rule()) {
        let known = house();
        let sentence = write(&rule, &known);
        let draft = read(&sentence, &known);
        prop_assert_eq!(&draft.not_understood, &Vec::new(), "{}", sentence);
        prop_assert_eq!(draft.rule.as_ref(), Some(&rule), "{}", sentence);
    }

    #[test]
    fn a_rule_survives_its_json(rule in any_rule()) {
        let json = serde_json::to_vec(&rule).expect("JSON");
        let again = Rule::from_json(&json).expect("what we wrote");
        prop_assert_eq!(serde_json::to_vec(&again).expect("JSON"), json);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text: String) {
        read(&text, &house());
    }

    #[test]
    fn any_words_of_the_grammar_are_read_without_a_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "when", "and", "or", "not", "(", ")", ",", ";", "\"", "a", "the", "person", "is", "at",
            "seen", "for", "10", "minutes", "notify", "Ben", "between", "22:00", "on", "monday",
            "all of", "with", "confidence", "at least", "%", "of", "above", "switch", "twin", "-",
        ]), 0..40),
    ) {
        let text = words.join(" ");
        let draft = read(&text, &house());
        if let Some(rule) = draft.rule {
            prop_assert_eq!(rule.check(), Ok(()));
        }
    }
}
