//! What is usual, what is to be expected, and what is alike.

use hearth_model::{Label, Rect};
use proptest::prelude::*;

use super::words::{at, camera};
use crate::{
    DAYS_NEEDED, Descriptor, HourlyCounts, InsightKind, Source, forecast, insights, likeness,
};

fn series(counts: Vec<[u32; 24]>) -> HourlyCounts {
    let start = at("2026-11-01T00:00:00Z");
    let days = (0..counts.len()).map(|day| start.plus_micros(day as i64 * 86_400_000_000));
    let source = Source { camera: camera(1), label: None };
    HourlyCounts { source, days: days.collect(), counts }
}

fn kinds(counts: Vec<[u32; 24]>) -> Vec<InsightKind> {
    insights(&series(counts)).iter().map(|one| one.kind).collect()
}

fn usual_day() -> [u32; 24] {
    let mut day = [0; 24];
    day[7..22].fill(2);
    day
}

/// Checklist 47: a flat series yields nothing.
#[test]
fn a_flat_series_yields_none() {
    assert!(kinds(vec![[0; 24]; 28]).is_empty());
    assert!(kinds(vec![[2; 24]; 28]).is_empty());
    assert!(kinds(vec![usual_day(); 28]).is_empty());
}

/// Checklist 47: a seeded spike is found, with its hour and what is usual.
#[test]
fn a_spike_is_found_with_what_is_usual() {
    let mut counts = vec![usual_day(); 21];
    counts[20][12] = 14;
    let found = insights(&series(counts));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].value), (InsightKind::Spike, 14));
    assert_eq!(found[0].at, at("2026-11-21T12:00:00Z"));
    assert_eq!((found[0].baseline.median, found[0].baseline.days), (2.0, 20));
}

/// Checklist 47: a silenced camera is found.
#[test]
fn a_silent_camera_is_found() {
    let mut counts = vec![usual_day(); 21];
    counts[20] = [0; 24];
    counts[20][8] = 2;
    let found = insights(&series(counts));
    let kinds: Vec<_> = found.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [InsightKind::SilentCamera]);
    assert_eq!(found[0].at, at("2026-11-21T09:00:00Z"));
}

#[test]
fn an_unusual_hour_and_less_than_usual_are_found() {
    let mut counts = vec![usual_day(); 21];
    counts[20][3] = 1;
    assert_eq!(kinds(counts), [InsightKind::UnusualHour]);
    let mut counts = vec![usual_day(); 21];
    counts[20] = [0; 24];
    counts[20][7] = 1;
    counts[20][21] = 1;
    assert_eq!(kinds(counts), [InsightKind::LessThanUsual]);
}

#[test]
fn too_few_days_say_nothing() {
    let mut counts = vec![usual_day(); 5];
    counts[4][12] = 50;
    assert!(kinds(counts).is_empty());
}

/// Checklist 63: no forecast from fewer than 14 days, and an interval of counts that were.
#[test]
fn a_forecast_needs_fourteen_days_and_stays_within_what_was() {
    assert_eq!(forecast(&[12; DAYS_NEEDED - 1], 1), None);
    let days: Vec<u32> = (0..28).map(|day| if day % 7 == 6 { 30 } else { 10 + day % 3 }).collect();
    let weekday = forecast(&days, 1).expect("enough");
    assert!((10.0..=12.0).contains(&weekday.expected), "{weekday:?}");
    let sunday = forecast(&days[..27], 1).expect("enough");
    assert!((sunday.expected - 30.0).abs() < f64::EPSILON, "{sunday:?}");
    assert!(sunday.low >= 10.0 && sunday.high <= 30.0);
    assert_eq!(forecast(&days[..26], 2).map(|made| made.expected), Some(sunday.expected));
}

fn descriptor() -> Descriptor {
    Descriptor {
        camera: camera(1),
        label: Label::motion(),
        zones: Vec::new(),
        minute: 1_430,
        weekday: 2,
        area: Rect { x: 0.1, y: 0.1, w: 0.2, h: 0.4 },
        seconds: Some(20.0),
    }
}

/// Checklist 46: similarity is a number, and says why.
#[test]
fn the_same_is_alike_and_midnight_is_no_border() {
    let one = descriptor();
    let same = likeness(&one, &one);
    assert!(same.similarity > 0.99, "{same:?}");
    let later = Descriptor { minute: 10, weekday: 3, ..descriptor() };
    let near = likeness(&one, &later);
    assert!(near.because.contains(&"same time of day") && near.because.contains(&"same camera"));
    let other = Descriptor { camera: camera(2), minute: 700, seconds: None, ..descriptor() };
    assert!(likeness(&one, &other).similarity < near.similarity);
    assert!(near.similarity < same.similarity);
}

proptest! {
    #[test]
    fn any_counts_are_judged(
        counts in proptest::collection::vec(proptest::array::uniform24(any::<u16>()), 0..40),
    ) {
        let counts: Vec<[u32; 24]> = counts.iter().map(|day| day.map(u32::from)).collect();
        insights(&series(counts));
    }

    #[test]
    fn a_forecast_holds_what_it_expects(days in proptest::collection::vec(0_u32..10_000, 14..60)) {
        let made = forecast(&days, 2).expect("enough days");
        prop_assert!(made.low <= made.expected && made.expected <= made.high);
        let most = days.iter().copied().max().unwrap_or(0);
        prop_assert!(made.high <= f64::from(most));
    }

    #[test]
    fn likeness_is_between_nothing_and_all(
        x in -1.0_f32..2.0, w in -1.0_f32..2.0, minute in any::<u16>(), weekday in any::<u8>(),
        seconds in proptest::option::of(any::<f32>()),
    ) {
        let other = Descriptor {
            area: Rect { x, y: x, w, h: w }, minute, weekday, seconds, ..descriptor()
        };
        let made = likeness(&descriptor(), &other);
        prop_assert!((0.0..=1.0).contains(&made.similarity), "{made:?}");
        prop_assert_eq!(made.similarity, likeness(&other, &descriptor()).similarity);
    }
}
