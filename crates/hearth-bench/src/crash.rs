//! `crash`: a hub that records is killed again and again; what is lost, and is the rest in order.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use hearth_model::WallTime;
use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

use crate::{
    Bench,
    dice::Dice,
    figures::{Goal, Report, Sample},
    house::{HouseInputs, Hub, Place, SimulatedHouse, WITHOUT_EYES, wall_now},
};

/// A kill comes at the latest this long after all cameras are live.
const RUN_SECONDS_MAX: f64 = 8.0;

/// A restart has put the footage of the run before in order after this.
const RECOVERY: Duration = Duration::from_millis(700);

/// How much before a kill is played back.
const PLAYED_MICROS: i64 = 10_000_000;

/// A decoder needs a second for ten seconds of footage, a loaded machine a few.
const PLAY_LIMIT: Duration = Duration::from_secs(60);

/// A file that reads well in no more than this is a file of some minutes.
const VERIFY_LIMIT: Duration = Duration::from_secs(600);

/// So many failures of one kind are shown in full; the rest is counted.
const EXAMPLES_MAX: usize = 3;

const LOST_SECONDS_MAX: f64 = 2.0;

/// Clocks of camera and hub may differ by a frame; footage from later than this after a kill has a
/// wrong time.
const AHEAD_SECONDS_MAX: f64 = 0.25;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// How often to kill.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Cameras that record.
    #[arg(long, default_value_t = 4)]
    cameras: usize,
}

/// One kill, as one camera saw it.
struct Kill {
    at: WallTime,
    /// Since when it was seen live: nothing is lost that never came.
    live: WallTime,
}

/// What the kills cost.
#[derive(Default)]
struct Costs {
    lost_seconds: Sample,
    ready_seconds: Sample,
    live_seconds: Sample,
    clips_played: u64,
    clips_refused: Vec<String>,
    without_footage: u64,
    wrong_times: Vec<Value>,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "crash", WITHOUT_EYES)?;
    let load = HouseInputs::of(inputs.cameras);
    let house = SimulatedHouse::start(&place, &load).await?;
    let player = has_player().await;
    let (mut costs, mut dice) = (Costs::default(), Dice::new(11));
    let mut ids = Vec::new();
    let mut last: Option<Kill> = None;
    for round in 0..=inputs.kills {
        let hub = Hub::start(&bench.binary, &place).await?;
        let started = Instant::now();
        if ids.is_empty() {
            for camera in &house.cameras {
                ids.push(hub.add(camera).await?);
            }
        } else {
            costs.ready_seconds.push(hub.ready.as_secs_f64());
        }
        hub.wait_until_live().await?;
        let live = wall_now();
        costs.live_seconds.push(started.elapsed().as_secs_f64());
        if let Some(kill) = &last {
            tokio::time::sleep(RECOVERY).await;
            for id in &ids {
                costs.look_back(&hub, id, kill, player.then_some(&place)).await?;
            }
        }
        if round == inputs.kills {
            let verified = verify(&bench.binary, &place).await;
            hub.program.stop().await?;
            return report(inputs, &load, costs, verified, player, place);
        }
        tokio::time::sleep(Duration::from_secs_f64(dice.between(0.0, RUN_SECONDS_MAX))).await;
        let at = wall_now();
        hub.program.kill().await?;
        last = Some(Kill { at, live });
    }
    bail!("the last round reports")
}

fn report(
    inputs: &Inputs,
    load: &HouseInputs,
    costs: Costs,
    verified: anyhow::Result<()>,
    player: bool,
    place: Place,
) -> anyhow::Result<Report> {
    let clean = verified.is_ok() && costs.clips_refused.is_empty() && costs.wrong_times.is_empty();
    let figures = json!({
        "lost_seconds": costs.lost_seconds.json(),
        "ready_seconds": costs.ready_seconds.json(),
        "all_cameras_live_seconds_after_ready": costs.live_seconds.json(),
        "clips_played": costs.clips_played,
        "clips_refused": examples(&costs.clips_refused),
        "kills_without_footage_before": costs.without_footage,
        "clips_with_wrong_times": examples(&costs.wrong_times),
        "player": if player { json!("ffmpeg") } else { Value::Null },
        "verify": verified.map_or_else(|error| format!("{error:#}"), |()| "clean".to_owned()),
    });
    let goals = vec![
        Goal::at_most("lost_seconds_max", LOST_SECONDS_MAX, costs.lost_seconds.max()),
        Goal::at_least("all_footage_in_order", 1.0, f64::from(u8::from(clean))),
    ];
    // What went wrong can be looked at.
    if clean {
        place.remove()?;
    }
    let inputs = json!({
        "house": load.json(), "kills": inputs.kills, "eyes": false,
        "seconds_from_live_to_kill": [0.0, RUN_SECONDS_MAX],
    });
    Ok(Report { inputs, figures, goals })
}

impl Costs {
    /// Looks what is left of the time before a kill.
    async fn look_back(
        &mut self,
        hub: &Hub,
        camera: &str,
        kill: &Kill,
        player: Option<&Place>,
    ) -> anyhow::Result<()> {
        let from = kill.at.plus_micros(-PLAYED_MICROS);
        let between = format!("from={from}&to={}", kill.at);
        let target = |what: &str| format!("/api/v1/cameras/{camera}/{what}?{between}");
        let timeline = hub.control.get(&target("timeline")).await?;
        let Some(end) = newest(&timeline["spans"])? else {
            // Killed before the first second was through, and nothing was there from before.
            self.without_footage += 1;
            self.lost_seconds.push(seconds(kill.at, kill.live));
            return Ok(());
        };
        self.lost_seconds.push(seconds(kill.at, end.max(kill.live)));
        let clip = hub.control.get(&target("clip")).await?;
        if newest(&clip["spans"])?.is_none_or(|end| seconds(end, kill.at) > AHEAD_SECONDS_MAX) {
            self.wrong_times.push(json!({ "killed_at": kill.at, "spans": clip["spans"] }));
        }
        let Some(place) = player else { return Ok(()) };
        let file = place.file("clip.mp4");
        match play(hub, &target("clip.mp4"), &file).await {
            Ok(()) => self.clips_played += 1,
            Err(error) => {
                let kept = format!("refused-{}.mp4", self.clips_refused.len());
                tokio::fs::rename(&file, place.file(&kept)).await?;
                self.clips_refused.push(format!("{kept}: {error:#}"));
            }
        }
        Ok(())
    }
}

/// The end of the newest of several spans.
fn newest(spans: &Value) -> anyhow::Result<Option<WallTime>> {
    let Some(last) = spans.as_array().context("no spans")?.last() else { return Ok(None) };
    Ok(Some(last["to"].as_str().context("no end")?.parse()?))
}

/// How many there are, and the first few.
fn examples<T: serde::Serialize>(all: &[T]) -> Value {
    json!({ "count": all.len(), "first": all.iter().take(EXAMPLES_MAX).collect::<Vec<_>>() })
}

fn seconds(later: WallTime, earlier: WallTime) -> f64 {
    later.micros_since(earlier) as f64 / 1e6
}

/// Saves a clip and decodes all of it; a complaint of the decoder is an error.
async fn play(hub: &Hub, target: &str, file: &Path) -> anyhow::Result<()> {
    let response = hub.control.open(Method::GET, target, None).await?;
    let bytes = timeout(PLAY_LIMIT, response.into_body().collect()).await??.to_bytes();
    tokio::fs::write(file, &bytes).await?;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "warning", "-i"]).arg(file).args(["-f", "null", "-"]);
    let output = timeout(PLAY_LIMIT, command.kill_on_drop(true).output()).await??;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && complaint.trim().is_empty(), "{complaint}");
    Ok(())
}

async fn has_player() -> bool {
    let mut command = Command::new("ffmpeg");
    command.arg("-version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

/// The product's own check of index, files and records.
async fn verify(binary: &Path, place: &Place) -> anyhow::Result<()> {
    let mut command = Command::new(binary);
    command.arg("--data").arg(place.data()).args(["verify", "--json"]).kill_on_drop(true);
    let output = timeout(VERIFY_LIMIT, command.output()).await??;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    ensure!(output.status.success(), "{} {}", text(&output.stdout), text(&output.stderr));
    Ok(())
}
