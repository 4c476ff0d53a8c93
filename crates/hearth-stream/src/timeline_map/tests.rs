use proptest::prelude::*;

use super::*;

const START: i64 = 1_700_000_000_000_000;
const FRAME_TICKS: u32 = 6_000;
const FRAME_MICROS: i64 = 66_667;

fn at(micros: i64) -> MediaTime {
    MediaTime::from_micros(START + micros)
}

fn video(is_reordered: bool) -> StreamClock {
    let mut clock = StreamClock::default();
    clock.add(TrackKind::Video, 90_000);
    clock.set_reordered(is_reordered);
    clock
}

fn map(clock: &mut StreamClock, timestamp: u32, micros: i64) -> i64 {
    clock.map(TrackKind::Video, timestamp, false, at(micros)).as_micros() - START
}

#[test]
fn spacing_is_the_camera_s_and_not_the_network_s() {
    let mut clock = video(false);
    let arrivals = [0, 90_000, 130_000, 260_000, 270_000];
    let mut timestamp = u32::MAX - 7_000;
    for (index, arrival) in arrivals.into_iter().enumerate() {
        let expected = i64::try_from(index).expect("small") * 200_000 / 3;
        let got = map(&mut clock, timestamp, arrival);
        assert!((got - expected).abs() <= 1, "{got} is not {expected}");
        timestamp = timestamp.wrapping_add(FRAME_TICKS);
    }
    assert_eq!(clock.jumps(), 0);
}

#[test]
fn a_stalled_connection_is_not_a_step_of_the_clock() {
    let mut clock = video(false);
    map(&mut clock, 0, 0);
    // Three seconds of nothing, then all that was held back at once.
    for index in 1..=45u32 {
        let got = map(&mut clock, index * FRAME_TICKS, 3_000_000 + i64::from(index) * 100);
        assert!((got - i64::from(index) * FRAME_MICROS).abs() < 100);
    }
    assert_eq!(clock.jumps(), 0);
}

#[test]
fn a_clock_that_stopped_is_replaced_by_the_arrivals() {
    let mut clock = video(false);
    for index in 0..50 {
        let arrival = index * FRAME_MICROS;
        assert!((map(&mut clock, 7, arrival) - arrival).abs() <= 1_000);
    }
}

#[test]
fn pictures_shown_in_another_order_keep_their_places() {
    let mut clock = video(true);
    // Decoding order I P B B of frames 0, 3, 1, 2, and so on.
    let order = [0u32, 3, 1, 2, 6, 4, 5, 9, 7, 8];
    for (index, place) in order.into_iter().enumerate() {
        let arrival = i64::try_from(index).expect("small") * FRAME_MICROS;
        let got = map(&mut clock, place * FRAME_TICKS, arrival);
        assert!((got - i64::from(place) * FRAME_MICROS).abs() < 1_000);
    }
    assert_eq!(clock.jumps(), 0);
}

#[test]
fn a_burst_at_the_start_does_not_stay_in_the_future() {
    let mut clock = video(false);
    let mut timestamp = 0;
    for _ in 0..30 {
        map(&mut clock, timestamp, 0);
        timestamp += FRAME_TICKS;
    }
    let mut last = 0;
    for index in 0..450 {
        last = map(&mut clock, timestamp, index * FRAME_MICROS) - index * FRAME_MICROS;
        timestamp += FRAME_TICKS;
    }
    assert!(last.abs() < 2 * DIFFERENCE_MICROS_LARGE, "{last} us ahead after 30 s");
}

#[test]
fn sound_follows_the_picture_once_reports_tie_them() {
    let mut clock = video(false);
    clock.add(TrackKind::Audio, 8_000);
    let wall = |micros: i64| {
        let micros = u128::try_from(3_900_000_000_000_000 + micros).expect("positive");
        u64::try_from((micros << 32) / 1_000_000).expect("this era")
    };
    // Sound takes 400 ms longer to arrive than the picture.
    let mut apart = 0;
    for index in 0..3_000i64 {
        let taken = index * 20_000;
        let ticks = |per_second: i64| u32::try_from(taken * per_second / 1_000_000).expect("fits");
        let picture = map(&mut clock, 90_000 + ticks(90_000), taken);
        let arrival = at(taken + 400_000);
        let timestamp = 5_000 + ticks(8_000);
        let sound = clock.map(TrackKind::Audio, timestamp, true, arrival).as_micros() - START;
        if index % 200 == 50 {
            let (kinds, stamps) =
                ([TrackKind::Video, TrackKind::Audio], [90_000 + ticks(90_000), timestamp]);
            for (kind, rtp_timestamp) in kinds.into_iter().zip(stamps) {
                let report = SenderReport { ssrc: 1, ntp: wall(taken), rtp_timestamp };
                clock.note_report(kind, &report, arrival);
            }
        }
        apart = sound - picture;
    }
    assert!(apart.abs() < 20_000, "{apart} us apart");
}

proptest! {
    #[test]
    fn times_only_go_up_whatever_comes(
        frames in prop::collection::vec((any::<u32>(), 0i64..3_000_000, any::<bool>()), 1..200),
    ) {
        let mut clock = video(false);
        let (mut arrival, mut last) = (0, i64::MIN);
        for (timestamp, waited, is_key) in frames {
            arrival += waited;
            let got = clock.map(TrackKind::Video, timestamp, is_key, at(arrival)).as_micros();
            prop_assert!(got > last);
            last = got;
        }
    }

    #[test]
    fn reordered_times_stay_above_the_previous_group(
        frames in prop::collection::vec((0u32..200_000, 0i64..200_000, any::<bool>()), 1..200),
    ) {
        let mut clock = video(true);
        let (mut arrival, mut highest, mut floor) = (0, i64::MIN, i64::MIN);
        for (timestamp, waited, is_key) in frames {
            arrival += waited;
            if is_key {
                floor = highest;
            }
            let got = clock.map(TrackKind::Video, timestamp, is_key, at(arrival)).as_micros();
            prop_assert!(got > floor);
            highest = highest.max(got);
        }
    }

    #[test]
    fn a_step_makes_no_gap_that_the_arrivals_do_not_have(
        steps in prop::collection::vec((0usize..300, any::<i32>()), 1..6),
        jitter in prop::collection::vec(0i64..40_000, 300),
    ) {
        let mut clock = video(false);
        let (mut timestamp, mut last, mut last_arrival) = (0u32, 0, 0);
        for (index, delay) in jitter.into_iter().enumerate() {
            let arrival = i64::try_from(index).expect("small") * FRAME_MICROS + delay;
            for (_, step) in steps.iter().filter(|(when, _)| *when == index) {
                timestamp = timestamp.wrapping_add_signed(*step);
            }
            let got = map(&mut clock, timestamp, arrival);
            if index > 0 {
                let allowed = (arrival - last_arrival).max(FRAME_MICROS) + STEP_MICROS + 10_000;
                prop_assert!(got > last && got - last <= allowed, "{} us", got - last);
            }
            prop_assert!((got - arrival).abs() < 1_000_000, "{} us off", got - arrival);
            (last, last_arrival) = (got, arrival);
            timestamp = timestamp.wrapping_add(FRAME_TICKS);
        }
    }

    #[test]
    fn a_camera_clock_that_runs_wrong_is_followed(ppm in -2_000i64..2_000, seed in any::<u64>()) {
        let mut clock = video(false);
        let mut state = seed | 1;
        let mut last = -1;
        for index in 0..20_000i64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let delay = i64::try_from(state >> 49).expect("15 bits");
            let arrival = index * FRAME_MICROS + delay;
            let ticks = index * i64::from(FRAME_TICKS) * (1_000_000 + ppm) / 1_000_000;
            let got = map(&mut clock, u32::try_from(ticks).expect("fits"), arrival);
            prop_assert!(got > last);
            prop_assert!((got - arrival).abs() < 200_000, "{} us off", got - arrival);
            last = got;
        }
        prop_assert_eq!(clock.jumps(), 0);
    }
}
