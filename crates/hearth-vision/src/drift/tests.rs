use proptest::prelude::*;

use super::*;

/// Nothing was told.
const NONE: [u64; 0] = [];

/// The time of a score: one a minute.
fn minute(number: u64) -> WallTime {
    WallTime::from_micros(i64::try_from(number).expect("small") * 60_000_000)
}

/// Scores around a mean, evenly spread, the same for the same seed (Knuth's MMIX generator).
struct Scores(u64);

impl Scores {
    fn next(&mut self, mean: f32, reach: f32) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let even = (self.0 >> 40) as f32 / (1u32 << 24) as f32;
        mean + (even - 0.5) * 2.0 * reach
    }
}

/// Hears so many scores; the numbers of those at which it told of a shift.
fn hear(drift: &mut Drift, from: u64, count: u64, mut score: impl FnMut() -> f32) -> Vec<u64> {
    let numbers = from..from + count;
    numbers.filter(|number| drift.note(minute(*number), score()).is_some()).collect()
}

/// Scores fall by a quarter and stay there: it is told once, soon, and stays true for
/// as long as they do.
#[test]
fn a_fall_of_a_quarter_is_told_once_and_does_not_become_usual() {
    for seed in 0..200 {
        let (mut scores, mut drift) = (Scores(seed), Drift::default());
        assert_eq!(hear(&mut drift, 0, 300, || scores.next(0.8, 0.15)), NONE, "seed {seed}");
        let usual = drift.mean();
        let told = hear(&mut drift, 300, 1_000, || scores.next(0.55, 0.15));
        assert_eq!(told.len(), 1, "seed {seed}: {told:?}");
        assert!(told[0] < 320, "seed {seed}: only after {} scores", told[0] - 300);
        assert_eq!((drift.state(), drift.mean()), (DriftState::Shifted, usual), "seed {seed}");
        assert!((drift.recent_mean() - 0.55).abs() < 0.1);
        let since = drift.since().expect("shifted");
        assert!((minute(270)..minute(320)).contains(&since), "seed {seed}: since {since}");
    }
}

#[test]
fn what_is_told_says_how_it_was_and_how_it_is() {
    let mut drift = Drift::default();
    let mut told = (0..200)
        .filter_map(|number| drift.note(minute(number), if number < 100 { 0.8 } else { 0.5 }));
    let shift = told.next().expect("a shift");
    assert_eq!(shift.since, minute(100));
    assert!((shift.mean - 0.8).abs() < 0.01 && (shift.recent_mean - 0.5).abs() < 0.01, "{shift:?}");
    assert_eq!(told.next(), None);
}

#[test]
fn a_rise_is_a_shift_too() {
    let mut drift = Drift::default();
    assert_eq!(hear(&mut drift, 0, 50, || 0.5), NONE);
    assert_eq!(hear(&mut drift, 50, 100, || 0.8).len(), 1);
}

#[test]
fn usual_scores_are_no_shift_for_long() {
    for seed in 0..50 {
        let (mut scores, mut drift) = (Scores(seed), Drift::default());
        assert_eq!(hear(&mut drift, 0, 4_000, || scores.next(0.7, 0.25)), NONE, "seed {seed}");
        assert!((drift.mean() - 0.7).abs() < 0.05);
    }
}

/// Every twentieth score is far off, one at a time: outliers, and never a shift.
#[test]
fn single_odd_scores_are_outliers_and_no_shift() {
    let (mut scores, mut drift, mut number) = (Scores(7), Drift::default(), 0);
    let told = hear(&mut drift, 0, 1_000, || {
        number += 1;
        if number % 20 == 0 { 0.05 } else { scores.next(0.8, 0.05) }
    });
    assert_eq!((told, drift.state()), (Vec::new(), DriftState::Outliers));
    hear(&mut drift, 1_000, 40, || scores.next(0.8, 0.05));
    assert_eq!(drift.state(), DriftState::Steady);
}

#[test]
fn a_shift_ends_when_scores_are_as_before_and_the_next_is_told_again() {
    let (mut scores, mut drift) = (Scores(3), Drift::default());
    hear(&mut drift, 0, 200, || scores.next(0.8, 0.1));
    assert_eq!(hear(&mut drift, 200, 100, || scores.next(0.5, 0.1)).len(), 1);
    assert_eq!(hear(&mut drift, 300, 200, || scores.next(0.8, 0.1)), NONE);
    assert_eq!((drift.state(), drift.since()), (DriftState::Steady, None));
    assert_eq!(hear(&mut drift, 500, 100, || scores.next(0.5, 0.1)).len(), 1);
}

#[test]
fn below_ten_scores_nothing_is_said() {
    let mut drift = Drift::default();
    assert_eq!(drift.state(), DriftState::InsufficientData);
    assert_eq!(hear(&mut drift, 0, 5, || 0.9), NONE);
    assert_eq!(hear(&mut drift, 5, 4, || 0.1), NONE);
    assert_eq!(drift.state(), DriftState::InsufficientData);
    hear(&mut drift, 9, 1, || 0.5);
    assert_ne!(drift.state(), DriftState::InsufficientData);
}

proptest! {
    /// Whatever is heard, constant scores and broken numbers too: no number breaks, and a restart in
    /// the middle changes nothing.
    #[test]
    fn any_scores_leave_numbers_whole(
        scores in prop::collection::vec(prop_oneof![any::<f32>(), 0.0f32..=1.0, Just(0.5)], 0..300),
        restart in 0usize..300,
    ) {
        let (mut drift, mut other) = (Drift::default(), Drift::default());
        for (number, score) in scores.iter().enumerate() {
            if number == restart {
                let kept = serde_json::to_string(&other).expect("JSON");
                other = serde_json::from_str(&kept).expect("the same");
            }
            let at = minute(number as u64);
            let usual = drift.mean();
            let was_shifted = drift.state() == DriftState::Shifted;
            let told = drift.note(at, *score);
            prop_assert_eq!(told, other.note(at, *score));
            prop_assert!(drift.mean().is_finite() && drift.recent_mean().is_finite());
            prop_assert!((0.0..=1.0).contains(&drift.mean()));
            if was_shifted {
                prop_assert!(told.is_none());
                prop_assert_eq!(drift.mean(), usual, "a shift became usual");
            }
            if told.is_some() {
                prop_assert!(drift.state() == DriftState::Shifted && drift.since() <= Some(at));
            }
        }
        prop_assert_eq!(drift.samples(), other.samples());
    }

    /// Wherever the scores lie and however wide they are, a fall of a quarter is found.
    #[test]
    fn a_fall_is_found_at_any_height(seed: u64, mean in 0.5f32..0.85, reach in 0.0f32..0.14) {
        let (mut scores, mut drift) = (Scores(seed), Drift::default());
        hear(&mut drift, 0, 300, || scores.next(mean, reach));
        prop_assume!(drift.since().is_none());
        let told = hear(&mut drift, 300, 60, || scores.next(mean - 0.25, reach));
        prop_assert_eq!(told.len(), 1);
    }
}
