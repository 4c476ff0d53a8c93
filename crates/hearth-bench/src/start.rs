//! `start`: how long a hub with years of footage in its index takes to be there and to answer.
//!
//! The rows are those of a house that recorded everything; the files of the newest two days are
//! there by name, because a start looks at those.

use std::{
    fs,
    time::{Duration, Instant},
};

use hearth_media::MediaTime;
use hearth_model::{CameraId, Event, EventBody, EventId, Label, Rect, SegmentId, WallTime};
use hearth_store::{Segment, SegmentChange, SegmentKind, SegmentState, Store};
use hearth_vault::{MasterKeySource, Vault};
use serde_json::{Value, json};

use crate::{
    Bench,
    dice::Dice,
    figures::{Goal, Report, Sample},
    house::{Hub, Place, wall_now},
    usage,
};

/// Nothing is to grow old while it is measured.
const SETTINGS: &str = "[eyes]\nenabled = false\n[events]\ndays_max = 36500\n";

/// Length of the recorder's files.
const SEGMENT_MICROS: i64 = 60_000_000;

/// Rows noted at a time: large enough that the commit costs nothing beside them.
const BATCH: usize = 5_000;

/// Days whose files a start looks at.
const DAYS_WITH_FILES: i64 = 2;

/// What a start leaves to be done afterwards is over after this.
const SETTLE: Duration = Duration::from_secs(8);

const READY_SECONDS_MAX: f64 = 0.5;
const QUERY_P95_MS_MAX: f64 = 20.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Segments, and as many events.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Cameras they belong to.
    #[arg(long, default_value_t = 8)]
    cameras: u64,
    /// Starts of each kind.
    #[arg(long, default_value_t = 5)]
    starts: u32,
    /// Queries of each kind.
    #[arg(long, default_value_t = 200)]
    queries: u32,
}

/// The history that is made up.
struct History {
    cameras: Vec<CameraId>,
    rows: u64,
    from: WallTime,
    to: WallTime,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "start", SETTINGS)?;
    let first = Hub::start(&bench.binary, &place).await?;
    let first_ready = first.ready.as_secs_f64();
    let cameras = add_cameras(&first, inputs.cameras).await?;
    first.program.stop().await?;

    let each = i64::try_from(inputs.rows.div_ceil(inputs.cameras.max(1)))?;
    // The newest footage ends a minute ago, as after a short absence.
    let to = wall_now().plus_micros(-SEGMENT_MICROS);
    let from = to.plus_micros(-each * SEGMENT_MICROS);
    let history = History { cameras, rows: inputs.rows, from, to };
    let began = Instant::now();
    history.fill(&place).await?;
    let filled_seconds = began.elapsed().as_secs_f64();

    let index = place.data().join("index.db");
    let (mut clean, mut killed, mut cold) =
        (Sample::default(), Sample::default(), Sample::default());
    for _ in 0..inputs.starts {
        let hub = Hub::start(&bench.binary, &place).await?;
        clean.push(hub.ready.as_secs_f64());
        hub.program.kill().await?;
        let hub = Hub::start(&bench.binary, &place).await?;
        killed.push(hub.ready.as_secs_f64());
        hub.program.stop().await?;
        usage::forget_cached(&index)?;
        let hub = Hub::start(&bench.binary, &place).await?;
        cold.push(hub.ready.as_secs_f64());
        hub.program.stop().await?;
    }

    let hub = Hub::start(&bench.binary, &place).await?;
    let while_starting = history.query(&hub, inputs.queries / 4).await?;
    tokio::time::sleep(SETTLE).await;
    let settled = history.query(&hub, inputs.queries).await?;
    let resident = usage::of_process(hub.program.id()?)?.resident_bytes;
    hub.program.stop().await?;
    let index_bytes = fs::metadata(&index)?.len();
    place.remove()?;

    let figures = json!({
        "ready_seconds": {
            "after_a_clean_end": clean.json(),
            "after_a_kill": killed.json(),
            "index_not_in_memory": cold.json(),
            "first_start_of_all": first_ready,
        },
        "query_ms": settled.json(),
        "query_ms_right_after_the_start": while_starting.json(),
        "resident_mb": resident as f64 / 1e6,
        "index_mb": index_bytes as f64 / 1e6,
        "filled_seconds": filled_seconds,
    });
    let goals = vec![
        Goal::at_most("ready_seconds_max", READY_SECONDS_MAX, clean.max().max(killed.max())),
        Goal::at_most("timeline_ms_p95", QUERY_P95_MS_MAX, settled.timeline.at(0.95)),
        Goal::at_most("events_ms_p95", QUERY_P95_MS_MAX, settled.events.at(0.95)),
    ];
    let inputs = json!({
        "segments": inputs.rows, "events": inputs.rows, "cameras": inputs.cameras,
        "days": history.days(), "starts": inputs.starts, "queries": inputs.queries,
    });
    Ok(Report { inputs, figures, goals })
}

/// Cameras that are set up and do nothing.
async fn add_cameras(hub: &Hub, count: u64) -> anyhow::Result<Vec<CameraId>> {
    let mut cameras = Vec::new();
    for number in 0..count {
        let camera = json!({
            "name": format!("camera {number}"), "url": "rtsp://127.0.0.1:9/gone",
            "record": "off", "force": true,
        });
        let id = hub.add_as(&camera).await?;
        let keep = json!({ "retention": { "days_max": null, "bytes_max": null } });
        hub.control.patch(&format!("/api/v1/cameras/{id}"), &keep).await?;
        cameras.push(id.parse()?);
    }
    Ok(cameras)
}

impl History {
    fn days(&self) -> f64 {
        (self.to.micros_since(self.from) as f64 / WallTime::MICROS_A_DAY as f64).round()
    }

    async fn fill(&self, place: &Place) -> anyhow::Result<()> {
        let data = place.data();
        let vault = Vault::open(&data, &MasterKeySource::KeyFile(place.key()))?;
        let store = Store::open(&data.join("index.db"), &vault.index_key()?).await?;
        let mut changes = Vec::with_capacity(BATCH);
        for number in 0..self.rows {
            let Some(segment) = self.segment(number) else { continue };
            self.make_file(place, &segment)?;
            changes.push(SegmentChange::Put(segment));
            if changes.len() == BATCH || number + 1 == self.rows {
                store.commit_segments(&changes).await?;
                changes.clear();
            }
        }
        let mut events = Vec::with_capacity(BATCH);
        for number in 0..self.rows {
            events.extend(self.event(number));
            if events.len() >= BATCH || number + 1 == self.rows {
                store.append_events(&events).await?;
                events.clear();
            }
        }
        Ok(store.close().await?)
    }

    fn camera(&self, number: u64) -> Option<CameraId> {
        let place = number.checked_rem(self.cameras.len() as u64)?;
        self.cameras.get(usize::try_from(place).ok()?).copied()
    }

    fn segment(&self, number: u64) -> Option<Segment> {
        let turn = i64::try_from(number / self.cameras.len().max(1) as u64).ok()?;
        let wall_start = self.from.plus_micros(turn * SEGMENT_MICROS);
        let start = MediaTime::from_micros(wall_start.as_micros());
        Some(Segment {
            id: SegmentId::from_bytes(u128::from(number + 1).to_be_bytes()),
            camera: self.camera(number)?,
            start,
            end: start.plus_micros(SEGMENT_MICROS),
            wall_start,
            bytes: 15_000_000,
            state: SegmentState::Closed,
            kind: SegmentKind::Continuous,
            fragments: 60,
            has_audio: false,
        })
    }

    /// Files of the newest days, without content: a start reads their names only.
    fn make_file(&self, place: &Place, segment: &Segment) -> anyhow::Result<()> {
        if segment.wall_start < self.to.plus_micros(-DAYS_WITH_FILES * WallTime::MICROS_A_DAY) {
            return Ok(());
        }
        let folder = place.media().join(segment.camera.to_string()).join(segment.day().to_string());
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{}.hws", segment.id)), b"")?;
        Ok(())
    }

    /// Activity noticed and ended by turns.
    fn event(&self, number: u64) -> Option<Event> {
        let step = self.to.micros_since(self.from) / i64::try_from(self.rows).ok()?.max(1);
        let at = self.from.plus_micros(step * i64::try_from(number).ok()?);
        let id = |number: u64| EventId::from_bytes(u128::from(number + 1).to_be_bytes());
        let pair = number / 2;
        let camera = self.camera(pair)?;
        let names = ["person", "car", "motion", "cat"];
        let label = names.get(usize::try_from(pair / 7 % 4).ok()?).copied().and_then(Label::new)?;
        let area = Rect { x: 0.25, y: 0.25, w: 0.5, h: 0.5 };
        let body = if number.is_multiple_of(2) {
            EventBody::ActivityNoticed { camera, label, score: 0.5, area, zones: Vec::new() }
        } else {
            let activity = id(number - 1);
            EventBody::ActivityEnded { camera, activity, label, score: 0.75, thumbnail: false }
        };
        Some(Event { id: id(number), at, body })
    }

    /// Asks a hub at random places of the history.
    async fn query(&self, hub: &Hub, rounds: u32) -> anyhow::Result<Answers> {
        let mut dice = Dice::new(7);
        let mut answers = Answers::default();
        for _ in 0..rounds {
            let from = self.time(&mut dice);
            let to = from.plus_micros(WallTime::MICROS_A_DAY);
            let Some(camera) = dice.one_of(&self.cameras) else { break };
            let target = format!("/api/v1/cameras/{camera}/timeline?from={from}&to={to}");
            answers.timeline.push(ask(hub, &target).await?);
            let filters = [
                String::new(),
                format!("&camera={camera}"),
                "&label=cat".to_owned(),
                "&kind=activity_noticed".to_owned(),
                format!("&camera={camera}&label=person&kind=activity_noticed"),
            ];
            let filter = dice.one_of(&filters).cloned().unwrap_or_default();
            let target = format!("/api/v1/events?limit=100&to={}{filter}", self.time(&mut dice));
            answers.events.push(ask(hub, &target).await?);
        }
        Ok(answers)
    }

    fn time(&self, dice: &mut Dice) -> WallTime {
        let micros = self.to.micros_since(self.from) as f64;
        self.from.plus_micros(dice.between(0.0, micros) as i64)
    }
}

/// How long answers took, in milliseconds.
#[derive(Default)]
struct Answers {
    timeline: Sample,
    events: Sample,
}

impl Answers {
    fn json(&self) -> Value {
        json!({ "timeline_of_a_day": self.timeline.json(), "events_100": self.events.json() })
    }
}

async fn ask(hub: &Hub, target: &str) -> anyhow::Result<f64> {
    let asked = Instant::now();
    hub.control.get(target).await?;
    Ok(asked.elapsed().as_secs_f64() * 1e3)
}
