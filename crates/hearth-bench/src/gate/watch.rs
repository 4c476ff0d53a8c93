//! Lets the product's own worker look at feeds, and notes what it says and what it costs.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hearth_eyes::{CameraCounters, Eyes, EyesConfig, EyesReport};
use hearth_media::StreamItem;
use hearth_model::{CameraId, DetectionSettings, Rect};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout, timeout_at},
};

use super::scene::Feed;
use crate::usage;

/// Reports that may wait for us; a feed gives a few a second.
const REPORTS_MAX: usize = 4_096;

/// Until the worker is ready, on a loaded machine.
const READY_LIMIT: Duration = Duration::from_secs(30);

/// After the last frame: until it is looked at, counted, and counters are told, once a second.
const TAIL: Duration = Duration::from_millis(3_500);

/// Feeds start one after another, so that their key frames do not all come at once.
const STAGGER: Duration = Duration::from_millis(137);

/// Something the worker noticed.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    /// First picture it was seen in, on the feed's timeline.
    pub(super) at: i64,
    /// When we were told, on the feed's timeline.
    pub(super) told_at: i64,
    /// Where.
    pub(super) area: Rect,
}

/// What came of one feed.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    pub(super) activities: Vec<Activity>,
    pub(super) counters: CameraCounters,
}

/// What came of all of them.
pub(super) struct Outcome {
    pub(super) feeds: Vec<Watched>,
    /// CPU time of the worker.
    pub(super) cpu: Duration,
    /// Largest resident memory of the worker.
    pub(super) resident_bytes: u64,
}

/// How to look.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// Decode everything instead of letting the gate decide.
    pub(super) everything: bool,
    /// How much faster than in real life frames come.
    pub(super) speed: f64,
}

/// Looks at all feeds at the same time, each from its beginning to its end.
pub(super) async fn watch(binary: &Path, feeds: &[Arc<Feed>], way: Way) -> anyhow::Result<Outcome> {
    let (tell, mut told) = mpsc::channel(REPORTS_MAX);
    let program = binary.canonicalize().with_context(|| binary.display().to_string())?;
    let config = EyesConfig { program, args: vec!["eyes-worker".to_owned()], model: None };
    let eyes = Eyes::start(config, tell);
    wait_until_ready(&mut told).await?;
    let pid = eyes.status().pid.context("no worker")?;

    let origin = Instant::now() + Duration::from_millis(100);
    let cameras: Vec<CameraId> = feeds.iter().map(|_| CameraId::new()).collect();
    let mut players = tokio::task::JoinSet::new();
    for (number, (feed, camera)) in feeds.iter().zip(&cameras).enumerate() {
        let start = origin + STAGGER * u32::try_from(number)?;
        players.spawn(play(eyes.clone(), Arc::clone(feed), *camera, start, way));
    }
    let told_at = |number: usize| {
        let start = origin + STAGGER * u32::try_from(number).unwrap_or(0);
        (start.elapsed().as_secs_f64() * way.speed * 1e6) as i64
    };
    let mut watched = vec![Watched::default(); feeds.len()];
    let mut until = None;
    loop {
        let end = until.unwrap_or_else(|| tokio::time::Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            report = timeout_at(end, told.recv()) => match report {
                Ok(Some(report)) => note(&mut watched, &cameras, report, told_at)?,
                Ok(None) | Err(_) => break,
            },
            Some(ended) = players.join_next(), if until.is_none() => {
                ended?;
                if players.is_empty() {
                    until = Some(tokio::time::Instant::now() + TAIL);
                }
            }
        }
    }
    let usage = usage::of_process(pid)?;
    timeout(READY_LIMIT, eyes.shutdown()).await?;
    let (cpu, resident_bytes) = (usage.cpu, usage.resident_bytes_max);
    Ok(Outcome { feeds: watched, cpu, resident_bytes })
}

async fn wait_until_ready(told: &mut mpsc::Receiver<EyesReport>) -> anyhow::Result<()> {
    let ready = async {
        while let Some(report) = told.recv().await {
            match report {
                EyesReport::WorkerStarted => return Ok(()),
                EyesReport::WorkerStopped { cause } => bail!("the worker ended: {cause:?}"),
                _ => {}
            }
        }
        bail!("the worker did not start")
    };
    timeout(READY_LIMIT, ready).await?
}

/// Hands over each frame when it is due.
async fn play(eyes: Eyes, feed: Arc<Feed>, camera: CameraId, start: Instant, way: Way) {
    let settings =
        DetectionSettings { always_decode: way.everything, ..DetectionSettings::default() };
    let mut door = eyes.watch(camera, settings);
    door.offer(&StreamItem::Parameters(Arc::clone(&feed.parameters)));
    for frame in &feed.frames {
        let seconds = frame.pts.as_micros().max(0) as f64 / 1e6 / way.speed;
        let due = start + Duration::from_secs_f64(seconds);
        tokio::time::sleep_until(due.into()).await;
        door.offer(&StreamItem::Frame(frame.clone()));
    }
    // What is still being looked at is not to be forgotten with the feed.
    sleep(TAIL).await;
}

fn note(
    watched: &mut [Watched],
    cameras: &[CameraId],
    report: EyesReport,
    told_at: impl Fn(usize) -> i64,
) -> anyhow::Result<()> {
    let number = |camera: CameraId| cameras.iter().position(|known| *known == camera);
    match report {
        EyesReport::ActivityStarted { camera, at, area, .. } => {
            if let Some((number, watched)) =
                number(camera).and_then(|number| Some((number, watched.get_mut(number)?)))
            {
                let (at, told_at) = (at.as_micros(), told_at(number));
                watched.activities.push(Activity { at, told_at, area });
            }
        }
        EyesReport::Counters { camera, counters } => {
            if let Some(watched) = number(camera).and_then(|number| watched.get_mut(number)) {
                watched.counters = counters;
            }
        }
        EyesReport::WorkerStopped { cause } => bail!("the worker ended: {cause:?}"),
        _ => {}
    }
    Ok(())
}
