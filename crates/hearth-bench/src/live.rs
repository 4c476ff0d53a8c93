//! `live`: how soon a viewer sees something, and by how much the hub delays it.
//!
//! The delay is measured frame by frame against a client that takes the same stream from the same
//! simulated camera without a hub in between; frames are known by their bytes.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use hearth_media::{MediaTime, StreamItem};
use hearth_model::{AddressPolicy, SourceUrl, Transport};
use hearth_secret::SecretString;
use hearth_stream::{Credentials, SourceSpec, Timeline};
use serde_json::json;
use tokio::time::timeout_at;

use crate::{
    Bench,
    figures::{Goal, Report, Sample},
    house::{HouseInputs, Hub, Place, SimulatedCamera, SimulatedHouse, WITHOUT_EYES},
    viewer::{Message, Viewer, Visitor, media_data},
};

/// Between two viewers: not a multiple of the group of pictures, so that they meet it anywhere.
const PAUSE: Duration = Duration::from_millis(1_370);

/// The simulated camera repeats itself every 12 s; the same bytes within this time are the same
/// frame.
const SAME_FRAME: f64 = 5.0;

const FIRST_MEDIA_MS_MAX: f64 = 58.0;
const ADDED_P95_MS_MAX: f64 = 1.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Viewers, one after another.
    #[arg(long, default_value_t = 20)]
    viewers: u32,
    /// Seconds of comparing frames.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// When which frame arrived.
type Arrivals = Vec<(u64, Instant)>;

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "live", WITHOUT_EYES)?;
    let load = HouseInputs::of(1);
    let house = SimulatedHouse::start(&place, &load).await?;
    let camera = house.cameras.first().context("no camera")?;
    let hub = Hub::start(&bench.binary, &place).await?;
    let id = hub.add(camera).await?;
    hub.wait_until_live().await?;
    let visitor = Visitor::sign_in(hub.address, "admin", &hub.password).await?;

    let (mut from_connect, mut from_request) = (Sample::default(), Sample::default());
    for _ in 0..inputs.viewers {
        tokio::time::sleep(PAUSE).await;
        let started = Instant::now();
        let mut viewer = visitor.watch(&id).await?;
        let upgraded = Instant::now();
        first_media(&mut viewer).await?;
        from_connect.push(started.elapsed().as_secs_f64() * 1e3);
        from_request.push(upgraded.elapsed().as_secs_f64() * 1e3);
    }

    let until = tokio::time::Instant::now() + Duration::from_secs(inputs.seconds);
    let direct = tokio::spawn(arrivals_from_camera(camera.clone(), until));
    let mut viewer = visitor.watch(&id).await?;
    let through_hub = tokio::spawn(async move { arrivals_from_hub(&mut viewer, until).await });
    let (direct, through_hub) = (direct.await??, through_hub.await??);
    let frames = (direct.len(), through_hub.len());
    let added = added_milliseconds(&direct, &through_hub);
    ensure!(added.count() > 0, "no frame came both ways");

    let figures = json!({
        "first_media_ms": from_connect.json(),
        "first_media_ms_after_upgrade": from_request.json(),
        "added_latency_ms": added.json(),
        "frames_from_camera": frames.0,
        "frames_from_hub": frames.1,
        "anchor": { "first_media_ms": [34, 58], "added_latency_ms": { "p50": -0.3, "p95": 1.0 } },
    });
    let goals = vec![
        Goal::at_most("first_media_ms_p95", FIRST_MEDIA_MS_MAX, from_connect.at(0.95)),
        Goal::at_most("added_latency_ms_p95", ADDED_P95_MS_MAX, added.at(0.95)),
    ];
    hub.program.stop().await?;
    place.remove()?;
    let inputs = json!({
        "house": load.json(), "viewers": inputs.viewers, "seconds": inputs.seconds, "tls": true,
    });
    Ok(Report { inputs, figures, goals })
}

/// Waits for the first fragment; the init segment before it shows nothing yet.
async fn first_media(viewer: &mut Viewer) -> anyhow::Result<()> {
    loop {
        if let Message::Binary(bytes) = viewer.next().await?
            && media_data(&bytes).is_some()
        {
            return Ok(());
        }
    }
}

async fn arrivals_from_hub(
    viewer: &mut Viewer,
    until: tokio::time::Instant,
) -> anyhow::Result<Arrivals> {
    let mut arrivals = Vec::new();
    while let Ok(message) = timeout_at(until, viewer.next()).await {
        let now = Instant::now();
        match message? {
            // The first one holds a whole group of pictures and matches no single frame.
            Message::Binary(bytes) => {
                arrivals.extend(media_data(&bytes).map(|data| (name(&data), now)));
            }
            Message::Text(text) => {
                ensure!(!text.starts_with(b"{\"type\":\"skipped\""), "the viewer was too slow");
            }
        }
    }
    Ok(arrivals)
}

/// Time since the first one asked.
struct SinceStart(Instant);

impl Timeline for SinceStart {
    fn now(&self) -> MediaTime {
        MediaTime::from_micros(i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX))
    }
}

/// How to reach a simulated camera.
pub(crate) fn source_spec(camera: &SimulatedCamera) -> anyhow::Result<SourceSpec> {
    let (url, _) = SourceUrl::parse(&camera.url)?;
    let password = SecretString::new(camera.password.clone());
    let credentials = Some(Credentials { username: camera.username.clone(), password });
    Ok(SourceSpec {
        url,
        credentials,
        transport: Transport::Tcp,
        certificate_pin: None,
        addresses: AddressPolicy::DEVICES.with_this_machine(),
    })
}

async fn arrivals_from_camera(
    camera: SimulatedCamera,
    until: tokio::time::Instant,
) -> anyhow::Result<Arrivals> {
    let timeline = Arc::new(SinceStart(Instant::now()));
    let mut source = hearth_stream::connect(&source_spec(&camera)?, timeline).await?;
    let mut arrivals = Vec::new();
    while let Ok(item) = timeout_at(until, source.next()).await {
        let now = Instant::now();
        if let StreamItem::Frame(frame) = item? {
            arrivals.push((name(&frame.data), now));
        }
    }
    source.close().await;
    Ok(arrivals)
}

/// A short name for the bytes of a frame.
fn name(data: &Bytes) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}

/// For each frame that came both ways, how much later it came through the hub.
fn added_milliseconds(direct: &Arrivals, through_hub: &Arrivals) -> Sample {
    let mut known: HashMap<u64, Vec<Instant>> = HashMap::new();
    for (name, at) in direct {
        known.entry(*name).or_default().push(*at);
    }
    let later = through_hub.iter().filter_map(|(name, at)| {
        let seconds = known.get(name)?.iter().map(|direct| seconds_between(*direct, *at));
        let nearest = seconds.min_by(|a, b| a.abs().total_cmp(&b.abs()))?;
        (nearest.abs() < SAME_FRAME).then_some(nearest * 1e3)
    });
    later.collect()
}

fn seconds_between(earlier: Instant, later: Instant) -> f64 {
    let ahead = later.saturating_duration_since(earlier).as_secs_f64();
    ahead - earlier.saturating_duration_since(later).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_matched_by_name_and_nearest_in_time() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let direct = vec![(1, at(0)), (2, at(66)), (1, at(12_000))];
        let through_hub = vec![(1, at(1)), (3, at(60)), (2, at(65)), (1, at(12_003))];
        let added = added_milliseconds(&direct, &through_hub);
        assert_eq!(added.count(), 3);
        assert!((added.at(0.0) + 1.0).abs() < 1e-6 && (added.max() - 3.0).abs() < 1e-6);
    }
}
