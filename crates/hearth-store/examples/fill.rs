//! Fills a database with a large house and measures what users wait for.
//!
//! `fill PATH [--cameras N] [--segments N] [--events N] [--rounds N]` makes the database if there is
//! none (the rows are the same each time), asks each question `rounds` times at places spread over
//! the whole time, and prints one JSON object: inputs, sizes, and for each question the median and
//! the 95th percentile in milliseconds. `cargo xtask bench store` runs it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use hearth_media::MediaTime;
use hearth_model::{
    CameraId, Event, EventBody, EventId, EventKind, Label, Rect, SegmentId, TimeRange, WallTime,
};
use hearth_secret::Key512;
use hearth_store::{
    Erasable, EventFilter, Segment, SegmentChange, SegmentKind, SegmentState, Store, StoreError,
};
use serde_json::{Map, Value, json};

type Failure = Box<dyn std::error::Error>;

const START: WallTime = WallTime::from_micros(1_790_000_000_000_000);
const SECOND: i64 = 1_000_000;

// A segment of the recorder's usual length.
const SEGMENT_SECONDS: i64 = 60;

// Large enough that the commit costs nothing beside the rows.
const BATCH: usize = 5_000;

/// The same each time: a file can be measured again.
fn key() -> Key512 {
    Key512::new([7; 64])
}

struct Inputs {
    path: PathBuf,
    cameras: u64,
    segments: u64,
    events: u64,
    rounds: u64,
}

impl Inputs {
    fn read() -> Result<Self, Failure> {
        let mut arguments = std::env::args().skip(1);
        let path = arguments.next().ok_or("which file?")?.into();
        let mut inputs =
            Self { path, cameras: 16, segments: 1_000_000, events: 1_000_000, rounds: 200 };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or("a number is missing")?.parse()?;
            match name.as_str() {
                "--cameras" => inputs.cameras = value,
                "--segments" => inputs.segments = value,
                "--events" => inputs.events = value,
                "--rounds" => inputs.rounds = value,
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        if inputs.cameras == 0 || inputs.rounds == 0 {
            return Err("at least one camera and one round".into());
        }
        Ok(inputs)
    }

    fn camera(&self, number: u64) -> CameraId {
        CameraId::from_bytes(u128::from(number % self.cameras + 1).to_be_bytes())
    }

    /// From the first segment's start to the last one's end.
    fn micros(&self) -> i64 {
        let each = self.segments.div_ceil(self.cameras) as i64;
        each.max(1) * SEGMENT_SECONDS * SECOND
    }

    /// A time for a round, anywhere in the house's life.
    fn time(&self, round: u64) -> WallTime {
        // The golden ratio spreads any number of rounds evenly.
        let fraction = (round as f64 * 0.618_033_988_749_895).fract();
        START.plus_micros((self.micros() as f64 * fraction) as i64)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let inputs = Inputs::read()?;
    let began = Instant::now();
    let store = Store::open(&inputs.path, &key()).await?;
    if store.is_new() {
        fill(&store, &inputs).await?;
    }
    store.close().await?;
    let filled_seconds = began.elapsed().as_secs_f64();

    let mut figures = Map::new();
    figures.insert("open".into(), measure_open(&inputs).await?);
    let store = Store::open(&inputs.path, &key()).await?;
    measure_footage(&store, &inputs, &mut figures).await?;
    measure_events(&store, &inputs, &mut figures).await?;
    measure_writes(&store, &inputs, &mut figures).await?;
    store.close().await?;
    let report = json!({
        "bench": "store",
        "inputs": {
            "cameras": inputs.cameras, "segments": inputs.segments, "events": inputs.events,
            "rounds": inputs.rounds,
        },
        "filled_seconds": filled_seconds,
        "file_bytes": file_bytes(&inputs.path)?,
        "milliseconds": figures,
    });
    println!("{report}");
    Ok(())
}

fn file_bytes(path: &Path) -> Result<u64, Failure> {
    Ok(std::fs::metadata(path)?.len())
}

async fn fill(store: &Store, inputs: &Inputs) -> Result<(), StoreError> {
    let mut changes = Vec::with_capacity(BATCH);
    for number in 0..inputs.segments {
        changes.push(SegmentChange::Put(segment(inputs, number)));
        if changes.len() == BATCH || number + 1 == inputs.segments {
            store.commit_segments(&changes).await?;
            changes.clear();
        }
    }
    let mut facts = Vec::with_capacity(BATCH);
    for number in 0..inputs.events {
        facts.push(fact(inputs, number));
        if facts.len() == BATCH || number + 1 == inputs.events {
            store.append_events(&facts).await?;
            facts.clear();
        }
    }
    Ok(())
}

fn segment(inputs: &Inputs, number: u64) -> Segment {
    let start = START.plus_micros((number / inputs.cameras) as i64 * SEGMENT_SECONDS * SECOND);
    let media = MediaTime::from_micros(start.as_micros());
    Segment {
        id: SegmentId::from_bytes(u128::from(number + 1).to_be_bytes()),
        camera: inputs.camera(number),
        start: media,
        end: media.plus_micros(SEGMENT_SECONDS * SECOND),
        wall_start: start,
        bytes: 15_000_000 + number % 1000,
        state: SegmentState::Closed,
        kind: SegmentKind::Continuous,
        fragments: 30,
        has_audio: true,
    }
}

/// Mostly activity, each noticed and ended; now and then a camera that came or went.
fn fact(inputs: &Inputs, number: u64) -> Event {
    let step = inputs.micros() / inputs.events.max(1) as i64;
    let at = START.plus_micros(number as i64 * step);
    let id = |number: u64| EventId::from_bytes(u128::from(number + 1).to_be_bytes());
    let pair = number / 2;
    let camera = inputs.camera(pair);
    let label = Label::new(["person", "car", "motion", "cat"][(pair / 7 % 4) as usize])
        .unwrap_or_else(Label::motion);
    let body = match number % 50 {
        48 => EventBody::RecordingResumed { camera },
        49 => EventBody::EyesStarted,
        even if even % 2 == 0 => EventBody::ActivityNoticed {
            camera,
            label,
            score: 0.5,
            area: Rect { x: 0.25, y: 0.25, w: 0.5, h: 0.5 },
            zones: Vec::new(),
        },
        _ => EventBody::ActivityEnded {
            camera,
            activity: id(number - 1),
            label,
            score: 0.75,
            thumbnail: true,
        },
    };
    Event { id: id(number), at, body }
}

fn percentiles(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get((times.len() as f64 * part) as usize).copied();
    json!({ "p50": at(0.5), "p95": at(0.95), "max": times.last() })
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

async fn measure_open(inputs: &Inputs) -> Result<Value, StoreError> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let store = Store::open(&inputs.path, &key()).await?;
        store.usage().await?;
        times.push(milliseconds(began));
        store.close().await?;
    }
    Ok(percentiles(times))
}

async fn measure_footage(
    store: &Store,
    inputs: &Inputs,
    figures: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    for (name, hours) in [("segments_of_an_hour", 1), ("segments_of_a_day", 24)] {
        let mut times = Vec::new();
        for round in 0..inputs.rounds {
            let range = span(inputs.time(round), hours);
            let began = Instant::now();
            store.segments_in(inputs.camera(round), range, 10_000).await?;
            times.push(milliseconds(began));
        }
        figures.insert(name.into(), percentiles(times));
    }
    let mut times = Vec::new();
    for round in 0..inputs.rounds {
        let range = span(inputs.time(round), 24);
        let began = Instant::now();
        store.footage_spans(inputs.camera(round), range, SECOND).await?;
        times.push(milliseconds(began));
    }
    figures.insert("spans_of_a_day".into(), percentiles(times));
    let mut times = Vec::new();
    for round in 0..inputs.rounds {
        let began = Instant::now();
        store.erasable(Erasable::default(), inputs.time(round), 32).await?;
        times.push(milliseconds(began));
    }
    figures.insert("oldest_of_all".into(), percentiles(times));
    Ok(())
}

fn span(from: WallTime, hours: i64) -> TimeRange {
    let to = from.plus_micros(hours * 3600 * SECOND);
    TimeRange::new(from, to).expect("hours is positive")
}

async fn measure_events(
    store: &Store,
    inputs: &Inputs,
    figures: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let everything = EventFilter::default;
    let activity = vec![EventKind::ActivityNoticed];
    let filters = [
        ("events_newest", everything()),
        ("events_of_a_kind", EventFilter { kinds: activity.clone(), ..everything() }),
        (
            "events_of_a_camera",
            EventFilter { cameras: Some(vec![inputs.camera(1)]), house: false, ..everything() },
        ),
        ("events_of_a_label", EventFilter { label: Label::new("cat"), ..everything() }),
        ("events_of_no_such_label", EventFilter { label: Label::new("dog"), ..everything() }),
        (
            "events_of_six_cameras",
            EventFilter {
                cameras: Some((0..6).map(|number| inputs.camera(number)).collect()),
                ..everything()
            },
        ),
    ];
    for (name, filter) in filters {
        let mut times = Vec::new();
        for round in 0..inputs.rounds {
            let filter = EventFilter { to: Some(inputs.time(round)), ..filter.clone() };
            let began = Instant::now();
            store.events(&filter).await?;
            times.push(milliseconds(began));
        }
        figures.insert(name.into(), percentiles(times));
    }
    let mut times = Vec::new();
    for round in 0..inputs.rounds {
        let range = span(inputs.time(round), 24);
        let began = Instant::now();
        store.activities_in(inputs.camera(round), range).await?;
        times.push(milliseconds(began));
    }
    figures.insert("activities_of_a_day".into(), percentiles(times));
    Ok(())
}

/// The recorder's and the hub's everyday writes. What is written is taken back.
async fn measure_writes(
    store: &Store,
    inputs: &Inputs,
    figures: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let mut times = Vec::new();
    for round in 0..inputs.rounds {
        let new = Segment { id: SegmentId::new(), ..segment(inputs, round) };
        let began = Instant::now();
        store.commit_segments(&[SegmentChange::Put(new)]).await?;
        times.push(milliseconds(began));
        store.commit_segments(&[SegmentChange::Erase(new.id)]).await?;
    }
    figures.insert("commit_a_segment".into(), percentiles(times));
    Ok(())
}
