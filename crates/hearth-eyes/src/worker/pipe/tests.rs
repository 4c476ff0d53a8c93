//! Whole clips through one pipe, with the gate and without. The figures are printed; run with
//! `--release --no-capture` for those of the documents.

use std::{path::Path, path::PathBuf};

use super::*;
use crate::test_media::{ffmpeg, frames, shared};

/// What came of a clip.
struct Outcome {
    counters: WorkerCounters,
    /// First and last time, label and score of each activity.
    activities: Vec<(f64, f64, String, f32)>,
    /// Seconds spent.
    spent: f64,
    /// Length of the clip in seconds.
    length: f64,
}

impl Outcome {
    /// Whether something was seen between two times.
    fn saw(&self, from: f64, to: f64) -> bool {
        self.activities.iter().any(|activity| activity.0 < to && activity.1 > from)
    }

    fn print(&self, what: &str) {
        let counters = &self.counters;
        eprintln!(
            "{what}: {:.0} s of video in {:.2} s ({:.2} % of a core), decoded {} of {}, analysed \
             {}, detector runs {}, wake-ups size {} key {} false {}, activities {}",
            self.length,
            self.spent,
            100.0 * self.spent / self.length,
            counters.decoded,
            counters.received,
            counters.analysed,
            counters.detector_runs,
            counters.wakeups_size,
            counters.wakeups_key,
            counters.wakeups_false,
            self.activities.len(),
        );
    }
}

fn shared_by_all(detector: Option<Detector>) -> Shared {
    Shared {
        detector,
        faces: None,
        budget: Budget::new(64.0),
        started: Instant::now(),
        before_decode: |_| (),
    }
}

fn play(
    path: &Path,
    settings: DetectionSettings,
    detector: Option<Detector>,
    frames_max: usize,
) -> Outcome {
    play_beside(path, settings, &mut shared_by_all(detector), frames_max)
}

/// Plays a clip beside other cameras.
fn play_beside(
    path: &Path,
    settings: DetectionSettings,
    shared: &mut Shared,
    frames_max: usize,
) -> Outcome {
    let (parameters, mut frames) = frames(path);
    frames.truncate(frames_max);
    let mut pipe = Pipe::new(Slot(0), settings);
    let mut told = Vec::new();
    let started = Instant::now();
    told.extend(pipe.set_parameters(parameters.video.clone().expect("a video track")));
    for frame in &frames {
        pipe.offer(frame.clone());
        while pipe.has_work() {
            told.extend(pipe.step(shared));
        }
    }
    told.extend(pipe.end_all());
    let spent = started.elapsed().as_secs_f64();
    let seconds = |time: MediaTime| time.as_micros() as f64 / 1e6;
    let mut began = std::collections::BTreeMap::new();
    let mut activities = Vec::new();
    for message in &told {
        match message {
            FromWorker::Started(found) => {
                assert!(began.insert(found.track, seconds(found.at)).is_none(), "starts once");
            }
            FromWorker::Ended(found, thumbnail) => {
                let from = began.remove(&found.track).expect("it began");
                assert!(thumbnail.is_some(), "it has a thumbnail");
                let label = found.label.to_string();
                activities.push((from, seconds(found.at), label, found.score));
            }
            _ => {}
        }
    }
    assert!(began.is_empty(), "all activities ended");
    let length = frames.last().map_or(0.0, |last| seconds(last.pts))
        - frames.first().map_or(0.0, |first| seconds(first.pts));
    Outcome { counters: pipe.counters(), activities, spent, length }
}

fn gated() -> DetectionSettings {
    DetectionSettings::default()
}

fn always() -> DetectionSettings {
    DetectionSettings { always_decode: true, ..DetectionSettings::default() }
}

#[rustfmt::skip]
const H264: &[&str] = &[
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-g", "20", "-keyint_min", "20",
    "-sc_threshold", "0", "-bf", "0",
];

#[rustfmt::skip]
const H265: &[&str] = &[
    "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
    "keyint=20:min-keyint=20:scenecut=0:bframes=0:log-level=none",
];

/// A noisy yard of 640x360 at 10 frames a second with a key frame every 2 s. Movers of 1.5 % of
/// the picture cross it at known times.
fn yard(
    codec: &[&str],
    episodes: &[(u32, u32)],
    length: u32,
) -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("yard.mp4");
    let still = format!(
        "color=c=0x6a7060:s=640x360:r=10:d={length},drawgrid=w=80:h=60:t=3:c=0x505848,\
         noise=alls=8:allf=t[yard];testsrc2=s=48x72:r=10:d={length},noise=alls=20[mover]"
    );
    let times: Vec<String> =
        episodes.iter().map(|(from, to)| format!("between(t,{from},{to})")).collect();
    let enable = if times.is_empty() { "0".to_owned() } else { times.join("+") };
    let graph = format!("{still};[yard][mover]overlay=x='mod(90*t,560)':y=200:enable='{enable}'");
    let output = ["-pix_fmt", "yuv420p", path.to_str()?];
    let arguments = [&["-filter_complex", &graph][..], codec, &output[..]].concat();
    ffmpeg(&arguments).map(|_| (folder, path))
}

#[test]
fn a_quiet_camera_has_at_most_a_tenth_of_its_frames_decoded() {
    let Some((_folder, path)) = yard(H264, &[], 60) else { return };
    let outcome = play(&path, gated(), None, usize::MAX);
    outcome.print("quiet yard, gate");
    play(&path, always(), None, usize::MAX).print("quiet yard, everything decoded");
    let counters = outcome.counters;
    assert!(counters.decoded * 10 <= counters.received, "{counters:?}");
    assert!(outcome.activities.is_empty(), "{:?}", outcome.activities);
    let left_out = counters.gate_skipped + counters.dropped + counters.failed;
    let waiting = counters.received - counters.decoded - left_out;
    assert!(waiting <= 20, "at most one group of pictures is not accounted for: {counters:?}");
}

#[test]
fn movers_of_two_seconds_are_all_found_and_most_of_one_second() {
    let long = [(20, 23), (31, 33), (40, 44), (51, 54), (61, 63), (70, 75), (83, 86), (93, 95)];
    let short = [(102, 103), (109, 110), (116, 117), (123, 124), (130, 131)];
    let episodes = [&long[..], &short[..]].concat();
    let Some((_folder, path)) = yard(H264, &episodes, 140) else { return };
    let outcome = play(&path, gated(), None, usize::MAX);
    outcome.print("yard with movers, gate");
    let found = |episodes: &[(u32, u32)]| {
        let saw = |(from, to): &&(u32, u32)| outcome.saw(f64::from(*from), f64::from(*to) + 0.5);
        episodes.iter().filter(saw).count()
    };
    eprintln!("{:?}", outcome.activities);
    eprintln!("found {} of 8 long and {} of 5 short", found(&long), found(&short));
    assert_eq!(found(&long), long.len());
    // Shorter than the distance of key frames: only grown sizes can tell, and they cannot always.
    assert!(found(&short) >= 3);
    let outside = outcome.activities.iter().filter(|(from, to, ..)| {
        !episodes.iter().any(|(a, b)| *from < f64::from(*b) + 2.0 && *to > f64::from(*a) - 1.0)
    });
    assert_eq!(outside.count(), 0, "{:?}", outcome.activities);
}

/// Others have something to follow all the time, and leave nothing over.
#[test]
fn a_mover_is_found_while_other_cameras_use_up_the_budget() {
    let Some((_folder, path)) = yard(H264, &[(20, 24)], 32) else { return };
    let mut shared = shared_by_all(None);
    shared.budget = Budget::new(0.85);
    shared.budget.spend(Slot(1), 4_000_000);
    let outcome = play_beside(&path, gated(), &mut shared, usize::MAX);
    outcome.print("yard with a mover beside busy cameras");
    assert!(outcome.saw(20.0, 24.5), "{:?}", outcome.activities);
}

#[test]
fn a_gated_h265_camera_shows_its_mover() {
    let Some((_folder, path)) = yard(H265, &[(20, 24)], 32) else { return };
    let outcome = play(&path, gated(), None, usize::MAX);
    outcome.print("H.265 yard, gate");
    assert!(outcome.saw(20.0, 22.5), "{:?}", outcome.activities);
    assert!(outcome.counters.decoded * 3 < outcome.counters.received, "{:?}", outcome.counters);
    assert_eq!(outcome.counters.failed, 0);
}

#[test]
fn with_the_gate_the_shared_clips_show_what_full_decoding_shows() {
    for clip in ["media/bottle-detection.mp4", "media/one-by-one-person-detection.mp4"] {
        let Some(path) = shared(clip) else { continue };
        let full = play(&path, always(), None, usize::MAX);
        let gate = play(&path, gated(), None, usize::MAX);
        full.print(&format!("{clip}, everything decoded"));
        gate.print(&format!("{clip}, gate"));
        let lasting: Vec<_> =
            full.activities.iter().filter(|activity| activity.1 - activity.0 >= 2.0).collect();
        let found = lasting.iter().filter(|activity| gate.saw(activity.0, activity.1)).count();
        eprintln!("{clip}: {found} of {} activities of 2 s or more", lasting.len());
        assert_eq!(found, lasting.len());
    }
}

#[test]
fn persons_are_found_with_the_object_model() {
    let Some(model) = shared("models/yolox_nano.onnx") else { return };
    let Some(path) = shared("media/one-by-one-person-detection.mp4") else { return };
    let model = std::fs::read(model).expect("readable");
    let detector = Detector::load(model).expect("the model fits");
    let outcome = play(&path, gated(), Some(detector), 450);
    outcome.print("persons with YOLOX-nano");
    eprintln!("{:?}", outcome.activities);
    let persons = outcome.activities.iter().filter(|activity| activity.2 == "person").count();
    assert!(persons >= 2, "{:?}", outcome.activities);
    let runs = outcome.counters.detector_runs.max(1);
    eprintln!("at most {:.0} ms an inference", 1e3 * outcome.spent / runs as f64);
}

#[test]
fn a_picture_without_motion_costs_no_inference() {
    let Some(model) = shared("models/yolox_nano.onnx") else { return };
    let Some((_folder, path)) = yard(H264, &[], 20) else { return };
    let model = std::fs::read(model).expect("readable");
    let detector = Detector::load(model).expect("the model fits");
    let outcome = play(&path, always(), Some(detector), usize::MAX);
    assert_eq!(outcome.counters.detector_runs, 0);
}

#[test]
fn after_a_loss_nothing_is_decoded_before_the_next_key_frame() {
    let Some(path) = shared("media/one-by-one-person-detection.mp4") else { return };
    let (parameters, frames) = frames(&path);
    let mut shared = shared_by_all(None);
    let mut pipe = Pipe::new(Slot(0), always());
    pipe.set_parameters(parameters.video.clone().expect("a video track"));
    let key = frames.iter().skip(1).position(|frame| frame.is_key).expect("a second key") + 1;
    let lost = key / 2;
    for (index, frame) in frames.iter().take(key + 2).enumerate() {
        pipe.offer(Frame { after_loss: index == lost, ..frame.clone() });
        while pipe.has_work() {
            pipe.step(&mut shared);
        }
    }
    let counters = pipe.counters();
    assert_eq!(counters.decoded, (lost + 2) as u64);
    assert_eq!(counters.dropped, (key - lost) as u64);
}

#[test]
fn a_stream_that_cannot_be_decoded_is_reported_once_and_then_passed_over() {
    let mut pipe = Pipe::new(Slot(3), gated());
    let video = VideoParameters {
        codec: hearth_media::VideoCodec::H264,
        width: 640,
        height: 360,
        config: bytes::Bytes::from_static(b"nonsense"),
        rfc6381: String::new(),
        reorder_frames_max: 0,
    };
    let told = pipe.set_parameters(video);
    assert_eq!(told, [FromWorker::State(Slot(3), Some(UndecodableReason::Malformed))]);
    let frame = Frame {
        track: hearth_media::TrackKind::Video,
        pts: MediaTime::default(),
        duration_samples: None,
        is_key: true,
        after_loss: false,
        data: bytes::Bytes::from_static(b"frame"),
    };
    pipe.offer(frame);
    assert!(pipe.step(&mut shared_by_all(None)).is_empty());
    assert_eq!(pipe.counters().dropped, 1);
}
