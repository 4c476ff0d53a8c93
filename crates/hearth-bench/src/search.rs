//! `search`: what somebody waits for who searches a house with very many facts.
//!
//! The store is filled once and asked directly, with words read as the hub reads them: by words of
//! texts, by label, camera and time, counted by day, and the activities around one as a look for
//! similar ones takes them.

use std::{path::Path, time::Instant};

use anyhow::Context;
use hearth_model::{
    CameraId, Event, EventBody, EventId, EventKind, IncidentId, Label, Rect, Severity, WallTime,
};
use hearth_search::{Clock, Vocabulary, understand};
use hearth_secret::Key512;
use hearth_store::{EventFilter, EventSearch, Store};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::{
    Bench,
    figures::{Goal, Report, Sample},
};

const START: WallTime = WallTime::from_micros(1_790_000_000_000_000);
const DAY: i64 = 86_400 * 1_000_000;

/// Large enough that a commit costs nothing beside its rows.
const BATCH: u64 = 5_000;

/// A fact with a text among so many: incidents are rarer than sightings.
const TEXT_EVERY: u64 = 10;

/// What somebody waits for a page at most.
const GOAL_MS: f64 = 50.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Facts in the store.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Cameras.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=256))]
    cameras: u64,
    /// Days over which the facts are spread.
    #[arg(long, default_value_t = 90)]
    days: i64,
    /// How often each question is asked, at places spread over all days.
    #[arg(long, default_value_t = 200)]
    rounds: u64,
}

impl Inputs {
    fn camera(&self, number: u64) -> CameraId {
        CameraId::from_bytes(u128::from(number % self.cameras + 1).to_be_bytes())
    }

    fn end(&self) -> WallTime {
        START.plus_micros(self.days * DAY)
    }

    /// A time for a round, anywhere in the days.
    fn time(&self, round: u64) -> WallTime {
        // The golden ratio spreads any number of rounds evenly.
        let fraction = (round as f64 * 0.618_033_988_749_895).fract();
        START.plus_micros((self.days as f64 * DAY as f64 * fraction) as i64)
    }
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    std::fs::create_dir_all(&bench.folder)?;
    let folder = tempfile::Builder::new().prefix("search").tempdir_in(&bench.folder)?;
    let began = Instant::now();
    let store = fill(&folder.path().join("index.db"), inputs).await?;
    let filled_seconds = began.elapsed().as_secs_f64();
    let names = ["words", "label_camera_span", "count_by_day", "around_one"];
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for round in 0..inputs.rounds {
        for (kind, times) in samples.iter_mut().enumerate() {
            let began = Instant::now();
            ask(&store, inputs, round, kind).await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    store.close().await?;
    let all: Vec<f64> = samples.iter().flatten().copied().collect();
    let mut figures = json!({ "filled_seconds": filled_seconds });
    for (name, times) in names.iter().zip(samples) {
        figures[format!("{name}_ms")] = times.into_iter().collect::<Sample>().json();
    }
    let all: Sample = all.into_iter().collect();
    let p95 = all.at(0.95);
    figures["all_ms"] = all.json();
    let goals = vec![Goal::at_most("all_p95_ms", GOAL_MS, p95)];
    let inputs = json!({
        "events": inputs.events, "cameras": inputs.cameras, "days": inputs.days,
        "rounds": inputs.rounds,
    });
    Ok(Report { inputs, figures, goals })
}

async fn ask(store: &Store, inputs: &Inputs, round: u64, kind: usize) -> anyhow::Result<()> {
    let mut search = EventSearch::default();
    search.filter.to = Some(inputs.time(round));
    search.filter.limit = 50;
    match kind {
        0 => {
            search.words = vec![vec!["battery".to_owned()], vec![format!("sensor{}", round % 50)]];
            store.search_events(&search).await?;
        }
        1 => {
            let read = read(inputs, round);
            search.labels = read.labels;
            search.filter.cameras = Some(read.cameras);
            search.filter.kinds = vec![EventKind::ActivityNoticed];
            search.filter.house = false;
            search.filter.from = Some(inputs.time(round).plus_micros(-7 * DAY));
            store.search_events(&search).await?;
        }
        2 => {
            search.labels = Label::new("person").into_iter().collect();
            search.filter.kinds = vec![EventKind::ActivityNoticed];
            search.filter.from = Some(inputs.time(round).plus_micros(-DAY));
            store.count_events(&search).await?;
        }
        _ => {
            search.filter = EventFilter {
                kinds: vec![EventKind::ActivityNoticed],
                cameras: Some((0..inputs.cameras).map(|number| inputs.camera(number)).collect()),
                limit: 400,
                ..search.filter
            };
            search.labels = Label::new("dog").into_iter().collect();
            store.search_events(&search).await?;
            (search.filter.from, search.filter.to) = (search.filter.to, None);
            search.oldest_first = true;
            store.search_events(&search).await?;
        }
    }
    Ok(())
}

/// Words as the hub reads them, with the names of this house.
fn read(inputs: &Inputs, round: u64) -> hearth_search::Filters {
    let labels: Vec<Label> = Label::new("person").into_iter().collect();
    let mut vocabulary = Vocabulary::new(&labels);
    for number in 0..inputs.cameras {
        vocabulary.camera(inputs.camera(number), &format!("Camera {number}"));
    }
    let text = format!("people at camera {} in the last 7 days", round % inputs.cameras);
    let clock = Clock::new(inputs.time(round), TimeZone::UTC);
    understand(&text, &vocabulary, &clock).filters
}

async fn fill(path: &Path, inputs: &Inputs) -> anyhow::Result<Store> {
    let store = Store::open(path, &Key512::new([7; 64])).await?;
    let mut facts = Vec::new();
    for number in 0..inputs.events {
        facts.push(fact(inputs, number).context("a fact")?);
        if facts.len() as u64 == BATCH || number + 1 == inputs.events {
            store.append_events(&facts).await?;
            facts.clear();
        }
    }
    Ok(store)
}

/// Mostly activity, each noticed and ended; now and then an incident with a text.
fn fact(inputs: &Inputs, number: u64) -> Option<Event> {
    let step = inputs.end().micros_since(START) / inputs.events.max(1) as i64;
    let at = START.plus_micros(number as i64 * step);
    let id = |number: u64| EventId::from_bytes(u128::from(number + 1).to_be_bytes());
    let pair = number / 2;
    let camera = inputs.camera(pair);
    let label = Label::new(["person", "car", "motion", "dog"].get((pair / 7 % 4) as usize)?)?;
    let body = if number % TEXT_EVERY == TEXT_EVERY - 1 {
        EventBody::IncidentOpened {
            incident: IncidentId::from_bytes(u128::from(number).to_be_bytes()),
            about: "devices".to_owned(),
            severity: Severity::Warning,
            title: format!("The battery of sensor{} is low", number / TEXT_EVERY % 50),
        }
    } else if number.is_multiple_of(2) {
        let area = Rect { x: 0.25, y: 0.25, w: 0.5, h: 0.5 };
        EventBody::ActivityNoticed { camera, label, score: 0.5, area, zones: Vec::new() }
    } else {
        let activity = id(number - 1);
        EventBody::ActivityEnded { camera, activity, label, score: 0.75, thumbnail: false }
    };
    Some(Event { id: id(number), at, body })
}
