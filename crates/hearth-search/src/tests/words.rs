//! What words are taken for.

use hearth_model::{CameraId, DeviceId, EventKind, Label, PersonId, WallTime, ZoneId};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::{Clock, Meaning, Vocabulary, understand};

pub(super) fn at(text: &str) -> WallTime {
    text.parse().expect("a time")
}

/// Sunday 22 November 2026, 15:00 in Berlin.
pub(super) fn clock() -> Clock {
    Clock::new(at("2026-11-22T14:00:00Z"), TimeZone::get("Europe/Berlin").expect("known"))
}

pub(super) fn camera(number: u8) -> CameraId {
    CameraId::from_bytes([number; 16])
}

pub(super) fn house() -> Vocabulary {
    let labels: Vec<Label> =
        ["person", "car", "dog"].iter().filter_map(|name| Label::new(name)).collect();
    let mut house = Vocabulary::new(&labels);
    house.camera(camera(1), "Front door");
    house.camera(camera(2), "Garden");
    house.camera(camera(3), "cam-01");
    house.zone(ZoneId::from_bytes([1; 16]), "Auffahrt");
    house.device(DeviceId::from_bytes([1; 16]), "Hall light");
    house.person(PersonId::from_bytes([1; 16]), "Zoë O'Neill");
    house
}

fn span(text: &str) -> (String, String) {
    let made = understand(text, &house(), &clock());
    let span = made.filters.when.span.expect(text);
    (span.from.to_string(), span.to.to_string())
}

fn assert_span(text: &str, from: &str, to: &str) {
    assert_eq!(span(text), (at(from).to_string(), at(to).to_string()), "{text}");
}

#[test]
fn words_are_resolved_to_things_of_the_house() {
    let made = understand("People at the front door, Zoe and dogs", &house(), &clock());
    assert_eq!(made.filters.cameras, [camera(1)]);
    let labels: Vec<&str> = made.filters.labels.iter().map(Label::as_str).collect();
    assert_eq!(labels, ["person", "dog"]);
    assert_eq!(made.filters.people, [PersonId::from_bytes([1; 16])]);
    assert!(made.rest.is_empty(), "{made:?}");
    let meanings: Vec<Meaning> = made.parts.iter().map(|part| part.meaning).collect();
    assert_eq!(meanings, [Meaning::Label, Meaning::Camera, Meaning::Person, Meaning::Label]);
    assert_eq!(made.parts[1].text, "front door");
    assert_eq!(made.parts[1].name, "Front door");
}

/// Checklist 43: Unicode, apostrophes, times and names like `cam-01`.
#[test]
fn accents_apostrophes_times_and_numbered_names_are_read() {
    let made =
        understand("zoë o'neill's visit at CAM-01 at 14:30 in der AUFFAHRT", &house(), &clock());
    assert_eq!(made.filters.people.len(), 1);
    assert_eq!(made.filters.cameras, [camera(3)]);
    assert_eq!(made.filters.zones.len(), 1);
    assert_eq!(made.filters.kinds, [EventKind::VisitBegan]);
    let hours = made.filters.when.hours.expect("hours");
    assert_eq!((hours.from, hours.to), (14 * 60 + 15, 14 * 60 + 45));
    assert_eq!(made.rest.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["der"]);
}

#[test]
fn what_stands_for_nothing_is_told() {
    let made = understand("blue person at the Front Door", &house(), &clock());
    assert_eq!(made.rest, [("blue".to_owned(), "blue".to_owned())]);
}

/// promise: T-05. A name that is not passed is a word like any other.
#[test]
fn a_name_that_may_not_be_known_is_like_one_that_nobody_has() {
    let without = Vocabulary::new(&[]);
    let one = understand("zoe", &without, &clock());
    let other = understand("xyz", &without, &clock());
    assert_eq!((one.rest.len(), one.parts.len()), (other.rest.len(), other.parts.len()));
}

#[test]
fn days_and_parts_of_days_are_read_by_the_clocks_of_the_house() {
    assert_span("today", "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00");
    assert_span("yesterday", "2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00");
    assert_span("last night", "2026-11-21T20:00:00+01:00", "2026-11-22T06:00:00+01:00");
    assert_span("this morning", "2026-11-22T05:00:00+01:00", "2026-11-22T12:00:00+01:00");
    assert_span("since Monday", "2026-11-16T00:00:00+01:00", "2026-11-22T15:00:00+01:00");
    assert_span("on 3 November", "2026-11-03T00:00:00+01:00", "2026-11-04T00:00:00+01:00");
    assert_span("December 24", "2025-12-24T00:00:00+01:00", "2025-12-25T00:00:00+01:00");
    assert_span("2026-11-03", "2026-11-03T00:00:00+01:00", "2026-11-04T00:00:00+01:00");
    assert_span("last week", "2026-11-09T00:00:00+01:00", "2026-11-16T00:00:00+01:00");
    assert_span("in the last 2 hours", "2026-11-22T13:00:00+01:00", "2026-11-22T15:00:00+01:00");
    assert_span("two days ago", "2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00");
    assert_span(
        "yesterday between 8 and 9",
        "2026-11-21T08:00:00+01:00",
        "2026-11-21T09:00:00+01:00",
    );
    assert_span(
        "between 8 and 9 pm yesterday",
        "2026-11-21T20:00:00+01:00",
        "2026-11-21T21:00:00+01:00",
    );
    assert_span("since 9", "2026-11-22T09:00:00+01:00", "2026-11-22T15:00:00+01:00");
    assert_span("since 22:00", "2026-11-21T22:00:00+01:00", "2026-11-22T15:00:00+01:00");
    assert_span(
        "from 2026-11-20 20:00 to 2026-11-21 06:00",
        "2026-11-20T20:00:00+01:00",
        "2026-11-21T06:00:00+01:00",
    );
    assert_span("in October", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00");
}

/// The clocks of Berlin go back on 25 October 2026 and forward on 29 March.
#[test]
fn days_on_which_clocks_change_are_as_long_as_they_are() {
    assert_span("2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00");
    assert_span("2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00");
    assert_span(
        "between 2 and 4 on 2026-03-29",
        "2026-03-29T03:00:00+02:00",
        "2026-03-29T04:00:00+02:00",
    );
}

#[test]
fn hours_of_many_days_are_ranges_newest_first() {
    let made = understand("last week at night", &house(), &clock());
    let (ranges, is_cut) = made.filters.when.ranges(&clock());
    assert!(!is_cut);
    assert_eq!(ranges.len(), 8, "seven nights, and the morning of the first day");
    assert_eq!(ranges[0].from(), at("2026-11-15T22:00:00+01:00"));
    assert_eq!(ranges[0].to(), at("2026-11-16T00:00:00+01:00"));
    assert_eq!(ranges[7].from(), at("2026-11-09T00:00:00+01:00"));
    assert!(ranges.windows(2).all(|pair| pair[1].to() <= pair[0].from()));
    let (ranges, is_cut) = understand("at night", &house(), &clock()).filters.when.ranges(&clock());
    assert!(is_cut && ranges.len() == crate::RANGES_MAX);
}

#[test]
fn a_house_with_a_camera_called_like_a_time_means_the_camera_only_if_it_is_longer() {
    let mut house = Vocabulary::new(&[]);
    house.camera(camera(9), "Last night cam");
    let made = understand("last night cam", &house, &clock());
    assert_eq!((made.filters.cameras, made.filters.when.span), (vec![camera(9)], None));
}

proptest! {
    /// Nothing that anybody writes ends the program.
    #[test]
    fn any_text_is_read(text in "\\PC{0,120}", now in any::<i64>()) {
        let clock = Clock::new(WallTime::from_micros(now), clock_zone());
        let made = understand(&text, &house(), &clock);
        made.filters.when.ranges(&clock);
        crate::read_question(&text, &house(), &clock);
    }

    /// Of words that mean something, in any order.
    #[test]
    fn any_words_of_times_are_read(
        picked in proptest::collection::vec(0_usize..30, 0..8),
        now in -4_000_000_000_000_000_i64..9_000_000_000_000_000,
    ) {
        const WORDS: [&str; 30] = [
            "since", "last", "night", "between", "8", "and", "9", "pm", "14:30", "yesterday",
            "monday", "november", "31", "february", "29", "ago", "10000", "weeks", "months", "from",
            "to", "2026-10-25", "0001-01-01", "before", "after", "this", "year", "day", "at",
            "midnight",
        ];
        let text: Vec<&str> = picked.iter().map(|at| WORDS[*at]).collect();
        let clock = Clock::new(WallTime::from_micros(now), clock_zone());
        let made = understand(&text.join(" "), &house(), &clock);
        let (ranges, _) = made.filters.when.ranges(&clock);
        prop_assert!(ranges.len() <= crate::RANGES_MAX);
    }
}

fn clock_zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("known")
}
