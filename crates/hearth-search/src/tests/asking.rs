//! Questions and their answers.

use hearth_model::{CameraId, EventId, EventKind, Label};

use super::words::{at, camera, clock, house};
use crate::{Answer, AnswerKind, Ask, Facts, Question, Sighting, answer, read_question};

fn read(text: &str) -> Question {
    read_question(text, &house(), &clock())
}

fn sighting(time: &str) -> Sighting {
    let text = "A person was seen at Front door.".to_owned();
    Sighting { event: EventId::from_bytes([1; 16]), at: at(time), seconds: Some(30), text }
}

/// Checklist 44: what, when, which camera and how many, without any language model.
#[test]
fn what_is_wanted_is_read_from_the_words() {
    for (text, ask) in [
        ("What happened last night?", Ask::What),
        ("When did the car come?", Ask::When),
        ("Which camera saw a dog?", Ask::Where),
        ("Where was the dog today?", Ask::Where),
        ("How many people were at the front door yesterday?", Ask::HowMany),
        ("How often did it ring this week?", Ask::HowMany),
        ("Who was at the front door?", Ask::Who),
        ("When was the first visit today?", Ask::First),
        ("When did it last ring?", Ask::Last),
        ("What was the latest incident?", Ask::Last),
        ("How long was the dog in the garden?", Ask::Longest),
        ("Were there more cars today than yesterday?", Ask::Compare),
        ("Is the hall light on?", Ask::State),
        ("Is the alarm armed?", Ask::State),
        ("Was anybody in the garden in the last hour?", Ask::What),
    ] {
        let question = read(text);
        assert_eq!(question.ask, ask, "{text}");
        assert!(question.rest.is_empty(), "{text}: {:?}", question.rest);
    }
}

#[test]
fn a_name_that_sounds_like_a_question_is_a_name() {
    let mut house = house();
    house.camera(camera(7), "First floor");
    let question = read_question("What happened at the first floor?", &house, &clock());
    assert_eq!((question.ask, question.filters.cameras), (Ask::What, vec![camera(7)]));
}

#[test]
fn a_comparison_has_two_stretches_of_time() {
    let question = read("Were there more people today than yesterday?");
    assert_eq!(question.filters.labels, [Label::new("person").expect("a label")]);
    assert_eq!(question.filters.when.span.expect("one").from, at("2026-11-21T23:00:00Z"));
    assert_eq!(question.filters.other.expect("two").from, at("2026-11-20T23:00:00Z"));
    let facts = Facts { count: 4, other_count: 7, ..Facts::default() };
    let said = answer(&question, &facts, &clock()).text;
    assert_eq!(said, "A person was seen 4 times today and 7 times yesterday: 3 fewer.");
}

#[test]
fn an_answer_counts_what_was_counted_and_says_when_by_the_clocks_of_the_house() {
    let question = read("How many people were at the front door yesterday?");
    let facts = Facts {
        count: 4,
        sightings: vec![sighting("2026-11-21T17:03:00Z")],
        where_names: vec!["Front door".to_owned()],
        ..Facts::default()
    };
    let said = answer(&question, &facts, &clock());
    assert_eq!(
        said.text,
        "A person was seen 4 times at Front door yesterday. The last: yesterday at 18:03."
    );
    assert_eq!(said.kind, AnswerKind::Answer);
    assert!(!said.follow_ups.is_empty());
}

#[test]
fn without_facts_nothing_is_known_and_no_number_is_said() {
    let question = read("Was a dog in the garden today?");
    let facts = Facts { where_names: vec!["Garden".to_owned()], ..Facts::default() };
    let said = answer(&question, &facts, &clock());
    assert_eq!(said.kind, AnswerKind::NothingKnown);
    assert_eq!(said.text, "No. No dog was seen at Garden today.");
    assert!(!said.text.contains(|letter: char| letter.is_ascii_digit()));
}

#[test]
fn a_question_that_is_not_understood_is_told_what_can_be_asked() {
    let said = Answer::not_understood(&["zork".to_owned()]);
    assert_eq!(said.kind, AnswerKind::Clarification);
    assert!(said.text.starts_with("I know nothing here that is called \"zork\"."));
    assert!(!said.text.contains(|letter: char| letter.is_ascii_digit()));
}

#[test]
fn follow_ups_take_over_what_they_do_not_say() {
    let first = read("How many people were at the front door today?");
    let yesterday = read("And yesterday?").following(&first);
    assert_eq!(yesterday.ask, Ask::HowMany);
    assert_eq!(yesterday.filters.cameras, [camera(1)]);
    assert_eq!(yesterday.filters.labels, first.filters.labels);
    assert_eq!(yesterday.filters.when.span.expect("a day").from, at("2026-11-20T23:00:00Z"));
    let place = read("Which camera?").following(&yesterday);
    assert_eq!(place.ask, Ask::Where);
    assert_eq!(place.filters, yesterday.filters);
    let night = read("only at night").following(&place);
    assert_eq!(night.ask, Ask::Where);
    assert!(night.filters.when.hours.is_some());
    assert_eq!(night.filters.when.span, yesterday.filters.when.span);
    let other = read("and the garden?").following(&night);
    assert_eq!(other.filters.cameras, [camera(2)]);
    assert_eq!(other.filters.labels, first.filters.labels);
}

#[test]
fn a_question_of_its_own_takes_nothing_over() {
    let first = read("How many people were at the front door today?");
    let second = read("When did it ring in the last hour?").following(&first);
    assert_eq!(second.filters.kinds, [EventKind::Ring]);
    assert_eq!(second.filters.cameras, Vec::<CameraId>::new());
    assert!(second.filters.labels.is_empty());
}

#[test]
fn a_question_survives_being_stored() {
    let question = read("How many people were at the front door yesterday?");
    let json = serde_json::to_string(&question).expect("json");
    assert_eq!(serde_json::from_str::<Question>(&json).expect("a question"), question);
}

#[test]
fn times_places_and_people_are_named() {
    let mut facts = Facts {
        count: 7,
        sightings: vec![sighting("2026-11-22T10:00:00Z"), sighting("2026-11-22T09:30:00Z")],
        places: vec![("Front door".to_owned(), 6), ("Garden".to_owned(), 1)],
        ..Facts::default()
    };
    let said = answer(&read("When was a person seen today?"), &facts, &clock()).text;
    assert_eq!(said, "A person was seen: today at 11:00 and 10:30, and 5 more before.");
    let said = answer(&read("Which camera saw a person today?"), &facts, &clock()).text;
    assert_eq!(said, "A person was seen at Front door (6 times) and Garden (once) today.");
    facts.people = vec![("Zoë O'Neill".to_owned(), 2)];
    facts.unknown_visits = 1;
    let said = answer(&read("Who came today?"), &facts, &clock()).text;
    assert_eq!(said, "Zoë O'Neill (2 times) and somebody unknown (once) came today.");
    facts.one = Some(sighting("2026-11-22T10:00:00Z"));
    let said = answer(&read("How long was the longest visit today?"), &facts, &clock()).text;
    assert_eq!(said, "The longest lasted 30 s, today at 11:00. A person was seen at Front door.");
}
