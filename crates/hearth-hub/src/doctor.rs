//! Checks that the house is set up as it should be; each names the promise it looks after.

mod advisories;
mod devices;
mod keeping;

use std::{collections::HashMap, fs, os::unix::fs::PermissionsExt, path::Path};

use hearth_auth::{HouseGrant, ask};
use hearth_model::{
    CameraId, CameraState, CameraStatus, EyesState, RecordMode, SourceUrl, WallTime,
};
use tokio::task::JoinSet;

use crate::{Hub, house::House};

/// Files looked at; a data directory with more is not checked to the last file.
const FILES_MAX: usize = 100_000;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckOutcome)]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Somebody must act.
    Failed,
    /// Could not be looked at, or there is nothing to look at.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Check {
    /// Stable name.
    pub id: String,
    /// What is checked.
    pub title: String,
    /// The promise behind it.
    pub promise: Option<&'static str>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen, and what to do.
    pub detail: String,
}

/// All checks.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DoctorReport {
    /// None failed.
    pub ok: bool,
    /// In order.
    pub checks: Vec<Check>,
}

impl Hub {
    /// Looks at everything that a person should know to be in order (promises V-20, D-32).
    pub async fn doctor(&self, _grant: HouseGrant<ask::Maintain>) -> DoctorReport {
        let house = self.house();
        let mut checks = vec![
            permissions(&house.data),
            keeping::leftovers(&house.data),
            keeping::key_outside(house),
            keeping::hardware_key(house),
            keeping::recovery(house),
            keeping::backup(house).await,
            keeping::retention(house),
            space(house),
            index(house).await,
            accounts(house).await,
            clock(house),
            eyes(self),
            audit(house),
            incidents(house),
        ];
        checks.extend(drafting(house));
        checks.extend(published_list(house));
        let mut offers = offers(house).await;
        for camera in house.cameras.all() {
            let status = camera.status();
            checks.push(reachable(&status));
            checks.push(recording(&status));
            checks.push(transport(&status, offers.remove(&camera.id())));
            checks.push(password(&status));
            checks.push(watched(&status));
        }
        checks.extend(devices::devices(house).await);
        checks.push(advisories::advisories(house.clock.wall_now()));
        DoctorReport { ok: true, checks: Vec::new() }.with(checks)
    }
}

impl DoctorReport {
    /// The same with more checks behind.
    #[must_use]
    pub fn with(mut self, checks: Vec<Check>) -> Self {
        self.ok &= checks.iter().all(|check| check.outcome != Outcome::Failed);
        self.checks.extend(checks);
        self
    }
}

fn check(
    id: impl Into<String>,
    title: impl Into<String>,
    promise: Option<&'static str>,
    outcome: Outcome,
    detail: impl Into<String>,
) -> Check {
    Check { id: id.into(), title: title.into(), promise, outcome, detail: detail.into() }
}

fn verdict(good: bool) -> Outcome {
    if good { Outcome::Ok } else { Outcome::Failed }
}

/// A person should know what leaves the house; one that has its model inside has nothing to be told.
fn drafting(house: &House) -> Option<Check> {
    let host = house.language_model.host_outside()?;
    let events = house.language_model.events_told();
    let detail = format!(
        "a sentence for a rule that is not understood here is sent to {host}, if somebody asks for \
         that, with the names of cameras, zones and devices{events}; switch it off under the rules"
    );
    let title = "It is known what is sent to the language model";
    Some(check("drafting", title, Some("K-10"), Outcome::Ok, detail))
}

/// What the hub asks for by itself, once a day, outside the house.
fn published_list(house: &House) -> Option<Check> {
    let hosts: Vec<String> = house.watch_list.hosts().into_iter().map(|(host, _)| host).collect();
    let detail = format!(
        "a published list of wanted people is read once a day from {}; nothing is sent there; switch \
         it off under the watch list",
        hosts.first()?
    );
    let title = "It is known where the watch list is read from";
    Some(check("watch_list", title, Some("K-10"), Outcome::Ok, detail))
}

fn permissions(data: &Path) -> Check {
    let mut exposed = 0_usize;
    let mut seen = 0_usize;
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        exposed += usize::from(is_exposed(&folder));
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder {
                folders.push(entry.path());
            } else if entry.file_name() != crate::config::CONFIG_FILE {
                exposed += usize::from(is_exposed(&entry.path()));
            }
        }
        if seen > FILES_MAX {
            break;
        }
    }
    let detail = match exposed {
        0 => format!("{seen} files and folders are owner-only"),
        n => format!(
            "{n} files or folders can be read by others; run chmod -R go= on the data directory"
        ),
    };
    check("permissions", "Data is owner-only", Some("D-05"), verdict(exposed == 0), detail)
}

fn is_exposed(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn space(house: &House) -> Check {
    let reserve = house.config.storage.bytes_free_min;
    let (outcome, detail) = match house.recorder.bytes_free() {
        Ok(free) => {
            let text = format!("{} MB free, {} MB kept in reserve", free >> 20, reserve >> 20);
            (verdict(free >= reserve / 2), text)
        }
        Err(_) => (Outcome::Failed, "the disk does not answer".to_owned()),
    };
    check("space", "There is room for new footage", None, outcome, detail)
}

async fn index(house: &House) -> Check {
    let sound = house.store.quick_check().await.is_ok();
    let detail = if sound { "sound" } else { "damaged; restart the hub to make it anew" };
    check("index", "The index is sound", None, verdict(sound), detail)
}

async fn accounts(house: &House) -> Check {
    let (outcome, detail) = match house.store.has_users().await {
        Ok(true) => (Outcome::Ok, "the hub is claimed"),
        // Closed to everybody but who has the code: not in use yet, and nothing is wrong.
        Ok(false) => (Outcome::Skipped, "nobody has claimed the hub yet with the code it printed"),
        Err(_) => (Outcome::Failed, "the index does not answer"),
    };
    check("account", "There is an account", Some("T-09"), outcome, detail)
}

fn eyes(hub: &Hub) -> Check {
    let title = "The eyes run confined";
    let Some(eyes) = &hub.house().eyes else {
        return check("eyes", title, Some("D-18"), Outcome::Skipped, "switched off");
    };
    let status = eyes.status();
    let confined = status.sandbox.is_some_and(|sandbox| sandbox.seccomp);
    let detail = match (status.running, confined) {
        (false, _) => "not running; recording goes on without them".to_owned(),
        (true, true) => format!("running, {} restarts", status.restarts),
        (true, false) => "running without a system call filter".to_owned(),
    };
    check("eyes", title, Some("D-18"), verdict(status.running && confined), detail)
}

fn audit(house: &House) -> Check {
    let (outcome, detail) = match house.watchtower.checked() {
        None => {
            (Outcome::Skipped, "not checked yet in this run; see: hearthwatch verify".to_owned())
        }
        Some((at, report)) if report.ok => {
            (Outcome::Ok, format!("{} entries, checked {at}, mark {}", report.entries, report.mark))
        }
        Some((at, report)) => (
            Outcome::Failed,
            format!(
                "{} things are wrong, checked {at}; run hearthwatch verify",
                report.problem_count
            ),
        ),
    };
    check("audit", "The audit log is whole", Some("V-17"), outcome, detail)
}

fn incidents(house: &House) -> Check {
    let open = house.watchtower.incidents(|incidents| incidents.unresolved_count());
    let detail = match open {
        0 => "none".to_owned(),
        open => format!("{open} are not resolved; see: hearthwatch incident list"),
    };
    check("incidents", "No incident waits", Some("D-30"), verdict(open == 0), detail)
}

fn reachable(status: &CameraStatus) -> Check {
    let live = status.state == CameraState::Live;
    let detail = status.message.clone().unwrap_or_else(|| "live".to_owned());
    let title = format!("{} is live", status.name);
    check(format!("camera.{}.live", status.id), title, Some("V-11"), verdict(live), detail)
}

fn recording(status: &CameraStatus) -> Check {
    let id = format!("camera.{}.recording", status.id);
    let title = format!("{} records as set", status.name);
    if status.record_mode != RecordMode::Continuous {
        return check(id, title, None, Outcome::Skipped, format!("mode {:?}", status.record_mode));
    }
    let detail = format!(
        "{:.0} of {:.0} s since the start",
        status.recorded_seconds, status.expected_seconds
    );
    check(id, title, None, verdict(status.recording), detail)
}

/// Which cameras would send encrypted, by address; all are asked at once.
async fn offers(house: &House) -> HashMap<CameraId, SourceUrl> {
    let mut asked = JoinSet::new();
    for camera in house.cameras.all() {
        let ports = house.config.cameras.rtsps_ports.clone();
        asked.spawn(async move { (camera.id(), camera.rtsps_offer(&ports).await) });
    }
    let answers = asked.join_all().await;
    answers.into_iter().filter_map(|(camera, url)| Some((camera, url?))).collect()
}

/// A camera that offers nothing better is not the house's fault, but a person should know; one that
/// does and is not asked for it is.
fn transport(status: &CameraStatus, offer: Option<SourceUrl>) -> Check {
    let (outcome, detail) = if status.encrypted_transport {
        (Outcome::Ok, "encrypted".to_owned())
    } else if let Some(url) = offer {
        let detail = format!(
            "its stream travels in clear, and the camera offers RTSPS: set its address to {url}, \
             or to what its manual says, with its user name and password"
        );
        (Outcome::Failed, detail)
    } else {
        let detail = "its stream travels in clear; it does not offer RTSPS where it was asked \
                      ([cameras] rtsps_ports). Keep it in a network of its own";
        (Outcome::Skipped, detail.to_owned())
    };
    let title = format!("{} sends encrypted", status.name);
    check(format!("camera.{}.transport", status.id), title, Some("V-10"), outcome, detail)
}

fn password(status: &CameraStatus) -> Check {
    // Where strangers could listen the hub does not send it (promise K-04); in the house it is the
    // camera's weakness, which a person should know.
    let (outcome, detail) = if status.password_exposed {
        let detail = "it takes its password in the clear: use rtsps:// or digest if it offers them, \
                      give it a password of its own, and keep it in a network of its own";
        (Outcome::Skipped, detail)
    } else {
        (Outcome::Ok, "its password is not sent in the clear")
    };
    let title = format!("{} keeps its password to itself", status.name);
    check(format!("camera.{}.password", status.id), title, Some("K-04"), outcome, detail)
}

/// The footage's timeline never goes back; a wall clock a day behind it is wrong, or was.
const CLOCK_BEHIND_MICROS_MAX: i64 = WallTime::MICROS_A_DAY;

fn clock(house: &House) -> Check {
    let title = "The clock is plausible";
    let now = house.clock.wall_now();
    if house.clock.wall_offset() < -CLOCK_BEHIND_MICROS_MAX {
        let detail = format!("it says {now}, but there is footage from days later; set it");
        return check("clock", title, None, Outcome::Failed, detail);
    }
    // systemd-timesyncd leaves this mark; other time services leave none that can be relied on.
    let is_synchronised = Path::new("/run/systemd/timesync/synchronized").exists();
    let detail = match is_synchronised {
        true => format!("it says {now} and follows a time server"),
        false => format!("it says {now}; whether it follows a time server is not known"),
    };
    check("clock", title, None, Outcome::Ok, detail)
}

fn watched(status: &CameraStatus) -> Check {
    let (outcome, detail) = match status.eyes {
        EyesState::Off => (Outcome::Skipped, "detection is off"),
        EyesState::Objects => (Outcome::Ok, "motion and objects"),
        EyesState::MotionOnly => (Outcome::Ok, "motion only: no object model is installed"),
        EyesState::Down => (Outcome::Failed, "the eyes are down"),
        EyesState::Undecodable => (Outcome::Failed, "its codec or profile can't be decoded"),
        EyesState::Suspended => (Outcome::Failed, "suspended: its stream crashed the eyes"),
    };
    let title = format!("{} is looked at", status.name);
    check(format!("camera.{}.eyes", status.id), title, Some("D-20"), outcome, detail)
}
