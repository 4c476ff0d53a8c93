//! `gate`: what the eyes decode when nothing happens, and what they miss when something does.
//!
//! The product's worker looks at drawn scenes whose truth is known, once with the gate and once
//! decoding everything; both figures stand side by side. Without an object model, so that what is
//! found does not depend on one. Clips of real life, where they are there, have no known truth:
//! for them decoding everything is the measure.

mod scene;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hearth_eyes::CameraCounters;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::{
    Bench,
    figures::{Goal, Report, Sample, part, short},
    footage::Footage,
    test_data::test_data,
};
use scene::{Episode, FPS, Feed, FeedSpec};
use watch::{Activity, Outcome, Watched, Way, watch};

/// What is seen this long before or after an episode still belongs to it.
const EARLY_MICROS: i64 = 500_000;
const LATE_MICROS: i64 = 1_000_000;

/// Encoders at work at once: one a core of a small machine.
const ENCODERS_MAX: usize = 2;

const DECODED_PART_MAX: f64 = 0.10;
const RECALL_LONG_MIN: f64 = 0.99;
const RECALL_SHORT_MIN: f64 = 0.95;
const DELAY_P50_MAX: f64 = 1.0;
/// Two seconds from key frame to key frame, and one more.
const DELAY_MAX: f64 = 3.0;
const FALSE_COST_MAX: f64 = 0.05;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Length of each scene.
    #[arg(long, default_value_t = 240)]
    seconds: u32,
    /// How much faster than in real life frames come.
    #[arg(long, default_value_t = 3.0)]
    speed: f64,
    /// Leaves out clips of real life.
    #[arg(long)]
    no_clips: bool,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let speed = inputs.speed.clamp(0.5, 10.0);
    let look = async |feeds: &[Arc<Feed>], everything, speed| {
        watch(&bench.binary, feeds, Way { everything, speed }).await
    };
    let quiet = make(FeedSpec::quiet(inputs.seconds)).await?;
    let quiet_gated = look(&quiet, false, speed).await?;
    let quiet_full = look(&quiet, true, speed).await?;
    let busy = make(FeedSpec::busy(inputs.seconds)).await?;
    let busy_gated = look(&busy, false, speed).await?;
    let busy_full = look(&busy, true, speed).await?;
    let mut clips = Map::new();
    for path in if inputs.no_clips { Vec::new() } else { clips_of_real_life() } {
        let feed = [Arc::new(clip(&path)?)];
        let (gated, full) = (look(&feed, false, 1.0).await?, look(&feed, true, 1.0).await?);
        clips.insert(feed[0].name.clone(), compare_clip(&feed, &gated, &full));
    }

    let decoded = decoded_part(&quiet_gated);
    let classes = Classes::of(&busy, &busy_gated);
    let false_cost = (decoded - key_part(&quiet)).max(0.0);
    let figures = json!({
        "quiet": {
            "with_gate": costs(&quiet, &quiet_gated),
            "decoding_everything": costs(&quiet, &quiet_full),
            "false_wakeups_cost": short(false_cost),
            "activities_with_gate": activities(&quiet_gated),
            "activities_decoding_everything": activities(&quiet_full),
            "scenes": scenes(&quiet, &quiet_gated),
        },
        "movers": {
            "with_gate": costs(&busy, &busy_gated),
            "decoding_everything": costs(&busy, &busy_full),
            "found_with_gate": classes.json(),
            "found_decoding_everything": Classes::of(&busy, &busy_full).json(),
            "missed_with_gate": missed(&busy, &busy_gated),
            "scenes": scenes(&busy, &busy_gated),
        },
        "clips": clips,
    });
    let goals = vec![
        Goal::at_most("quiet_decoded_part", DECODED_PART_MAX, decoded),
        Goal::at_least("recall_2_s_1_percent", RECALL_LONG_MIN, classes.long.recall()),
        Goal::at_least("recall_1_s_1_percent", RECALL_SHORT_MIN, classes.one_second().recall()),
        Goal::at_most("delay_seconds_p50", DELAY_P50_MAX, classes.large_delays().at(0.5)),
        Goal::at_most("delay_seconds_max", DELAY_MAX, classes.large_delays().max()),
        Goal::at_most("false_wakeups_cost", FALSE_COST_MAX, false_cost),
    ];
    let inputs = json!({
        "scenes": quiet.len(), "seconds": inputs.seconds, "speed": speed, "fps": FPS,
        "width": 640, "height": 360, "seconds_between_key_frames": 2, "object_model": false,
    });
    Ok(Report { inputs, figures, goals })
}

/// Draws and encodes feeds, a few at a time.
async fn make(specs: Vec<FeedSpec>) -> anyhow::Result<Vec<Arc<Feed>>> {
    let mut made: Vec<Option<Arc<Feed>>> = specs.iter().map(|_| None).collect();
    let mut specs = specs.into_iter().enumerate();
    let mut work = JoinSet::new();
    loop {
        while work.len() < ENCODERS_MAX
            && let Some((number, spec)) = specs.next()
        {
            work.spawn_blocking(move || (number, spec.make()));
        }
        let Some(done) = work.join_next().await else { break };
        let (number, feed) = done?;
        if let Some(place) = made.get_mut(number) {
            *place = Some(Arc::new(feed?));
        }
    }
    Ok(made.into_iter().flatten().collect())
}

/// Clips that are not part of the repository.
fn clips_of_real_life() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(test_data("media")).into_iter().flatten().flatten();
    let mut clips: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mp4"))
        .collect();
    clips.sort();
    clips
}

fn clip(path: &Path) -> anyhow::Result<Feed> {
    let Footage { parameters, frames, .. } = Footage::read(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Feed { name, parameters, frames, episodes: Vec::new() })
}

/// How much of what decoding everything notices begins while the gate notices something too.
fn compare_clip(feeds: &[Arc<Feed>], gated: &Outcome, full: &Outcome) -> Value {
    let times = |outcome: &Outcome| -> Vec<i64> {
        outcome.feeds.iter().flat_map(|feed| feed.activities.iter().map(|one| one.at)).collect()
    };
    let (gated_at, full_at) = (times(gated), times(full));
    let near = |at: &&i64| gated_at.iter().any(|other| (*at - other).abs() <= 2_000_000);
    let seconds = |times: &[i64]| -> Vec<f64> {
        times.iter().map(|micros| short(*micros as f64 / 1e6)).collect()
    };
    json!({
        "with_gate": costs(feeds, gated),
        "decoding_everything": costs(feeds, full),
        "activities_with_gate_at": seconds(&gated_at),
        "activities_decoding_everything_at": seconds(&full_at),
        "of_them_noticed_with_gate_within_2_s": full_at.iter().filter(near).count(),
    })
}

fn total(outcome: &Outcome, count: impl Fn(&CameraCounters) -> u64) -> u64 {
    outcome.feeds.iter().map(|feed| count(&feed.counters)).sum()
}

fn decoded_part(outcome: &Outcome) -> f64 {
    part(total(outcome, |c| c.decoded), total(outcome, |c| c.received))
}

/// Part of the frames that are key frames: what a gate decodes at least.
fn key_part(feeds: &[Arc<Feed>]) -> f64 {
    let frames = feeds.iter().flat_map(|feed| &feed.frames);
    let (keys, all) = frames.fold((0, 0), |(k, n), frame| (k + u64::from(frame.is_key), n + 1));
    part(keys, all)
}

fn activities(outcome: &Outcome) -> usize {
    outcome.feeds.iter().map(|feed| feed.activities.len()).sum()
}

/// What looking cost.
fn costs(feeds: &[Arc<Feed>], outcome: &Outcome) -> Value {
    let micros = |feed: &Arc<Feed>| feed.frames.last().map_or(0, |frame| frame.pts.as_micros());
    let footage_seconds = feeds.iter().map(micros).sum::<i64>() as f64 / 1e6;
    let percent = outcome.cpu.as_secs_f64() / footage_seconds.max(1.0) * 100.0;
    json!({
        "cpu_percent_of_core_per_camera": short(percent),
        "decoded_part": short(decoded_part(outcome)),
        "received": total(outcome, |c| c.received),
        "decoded": total(outcome, |c| c.decoded),
        "analysed": total(outcome, |c| c.analysed),
        "dropped": total(outcome, |c| c.dropped),
        "failed": total(outcome, |c| c.failed),
        "wakeups_size": total(outcome, |c| c.wakeups_size),
        "wakeups_key": total(outcome, |c| c.wakeups_key),
        "wakeups_false": total(outcome, |c| c.wakeups_false),
        "worker_resident_mb_max": short(outcome.resident_bytes as f64 / 1e6),
    })
}

/// The same, scene by scene.
fn scenes(feeds: &[Arc<Feed>], outcome: &Outcome) -> Value {
    let rows = feeds.iter().zip(&outcome.feeds).map(|(feed, Watched { activities, counters })| {
        let belongs = |one: &Activity| feed.episodes.iter().any(|episode| episode.is_seen_by(one));
        let row = json!({
            "decoded_part": short(part(counters.decoded, counters.received)),
            "kbit_per_second": kilobits(feed),
            "wakeups": [counters.wakeups_size, counters.wakeups_key, counters.wakeups_false],
            "activities": activities.len(),
            "activities_without_mover": activities.iter().filter(|one| !belongs(one)).count(),
        });
        (feed.name.clone(), row)
    });
    Value::Object(rows.collect())
}

fn kilobits(feed: &Feed) -> u64 {
    let bytes: u64 = feed.frames.iter().map(|frame| frame.data.len() as u64).sum();
    let micros = feed.frames.last().map_or(1, |frame| frame.pts.as_micros().max(1));
    bytes * 8_000 / micros.unsigned_abs()
}

impl Episode {
    fn is_seen_by(&self, activity: &Activity) -> bool {
        let in_time = (self.from - EARLY_MICROS..=self.to + LATE_MICROS).contains(&activity.at);
        in_time && activity.area.intersection(&self.swept).area() > 0.0
    }

    /// The first activity that is this episode.
    fn noticed<'a>(&self, activities: &'a [Activity]) -> Option<&'a Activity> {
        let own = activities.iter().filter(|activity| self.is_seen_by(activity));
        own.min_by_key(|activity| activity.told_at)
    }
}

/// Episodes of one kind, and how many of them were noticed how late.
#[derive(Clone, Debug, Default)]
struct Class {
    episodes: u64,
    noticed: u64,
    delays: Sample,
}

impl Class {
    fn add(&mut self, episode: &Episode, activities: &[Activity]) {
        self.episodes += 1;
        if let Some(activity) = episode.noticed(activities) {
            self.noticed += 1;
            self.delays.push((activity.told_at - episode.from) as f64 / 1e6);
        }
    }

    fn recall(&self) -> f64 {
        if self.episodes == 0 { f64::NAN } else { part(self.noticed, self.episodes) }
    }

    fn json(&self) -> Value {
        json!({
            "episodes": self.episodes, "noticed": self.noticed, "recall": short(self.recall()),
            "delay_seconds": self.delays.json(),
        })
    }
}

/// Episodes by size and length.
#[derive(Clone, Debug, Default)]
struct Classes {
    /// At least 1 % of the picture, at least 2 s.
    long: Class,
    /// At least 1 % of the picture, 1 to 2 s.
    short: Class,
    /// At least 1 % of the picture, less than 1 s.
    fleeting: Class,
    /// 0.5 to 1 % of the picture.
    small: Class,
    /// Less.
    tiny: Class,
}

impl Classes {
    fn of(feeds: &[Arc<Feed>], outcome: &Outcome) -> Self {
        let mut classes = Self::default();
        for (feed, watched) in feeds.iter().zip(&outcome.feeds) {
            for episode in &feed.episodes {
                classes.class_of(episode).add(episode, &watched.activities);
            }
        }
        classes
    }

    fn class_of(&mut self, episode: &Episode) -> &mut Class {
        match (episode.area, episode.seconds) {
            (area, seconds) if area >= 0.01 && seconds >= 2.0 => &mut self.long,
            (area, seconds) if area >= 0.01 && seconds >= 1.0 => &mut self.short,
            (area, _) if area >= 0.01 => &mut self.fleeting,
            (area, _) if area >= 0.005 => &mut self.small,
            _ => &mut self.tiny,
        }
    }

    /// All large ones of at least a second.
    fn one_second(&self) -> Class {
        let delays = self.large_delays();
        let (episodes, noticed) =
            (self.long.episodes + self.short.episodes, self.long.noticed + self.short.noticed);
        Class { episodes, noticed, delays }
    }

    fn large_delays(&self) -> Sample {
        let mut delays = self.long.delays.clone();
        delays.extend(&self.short.delays);
        delays
    }

    fn json(&self) -> Value {
        json!({
            "at_least_1_percent": {
                "at_least_2_s": self.long.json(),
                "1_to_2_s": self.short.json(),
                "less_than_1_s": self.fleeting.json(),
            },
            "half_to_1_percent": self.small.json(),
            "less_than_half_percent": self.tiny.json(),
        })
    }
}

/// Large episodes of at least a second that nobody noticed, to look into.
fn missed(feeds: &[Arc<Feed>], outcome: &Outcome) -> Vec<Value> {
    let mut missed = Vec::new();
    for (feed, watched) in feeds.iter().zip(&outcome.feeds) {
        for episode in &feed.episodes {
            let counts = episode.area >= 0.01 && episode.seconds >= 1.0;
            if counts && episode.noticed(&watched.activities).is_none() {
                missed.push(json!({
                    "scene": feed.name, "at_seconds": short(episode.from as f64 / 1e6),
                    "seconds": short(episode.seconds), "area": short(episode.area),
                }));
            }
        }
    }
    missed
}
