//! Drift of the detector: whether the scores of what each camera sees are as they were.
//!
//! `hearth_vision::Drift` judges, purely; here it hears of every activity that ended, is written down
//! sealed, and a shift becomes an incident once. Scores only: no picture is looked at or kept, so this
//! is there whether pictures are queued or not.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hearth_audit::{Finding, IncidentKind};
use hearth_auth::{HouseGrant, ask};
use hearth_model::{CameraId, Label, Severity, WallTime};
use hearth_vault::{KeyScope, Vault};
use hearth_vision::{Drift, DriftShift, DriftState};

use crate::{Hub, house::House};

/// File name in the data directory.
const FILE: &str = "drift.sealed";

/// Context under which it is sealed.
const CONTEXT: &[u8] = b"drift v1";

/// Labels of one camera: more than a detector has classes.
const LABELS_MAX: usize = 100;

/// What survives a restart.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Kept {
    /// SHA-256 of the object model that the scores are of: another one has other scores.
    model: Option<String>,
    cameras: BTreeMap<CameraId, BTreeMap<Label, Drift>>,
}

/// What is usual at each camera.
pub(crate) struct DriftWatch {
    kept: Mutex<Kept>,
    /// Whether something is not written down yet.
    changed: Mutex<bool>,
}

/// How the scores of a label at a camera stand.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DriftStanding {
    /// As usual.
    Steady,
    /// Lastingly different.
    Shifted,
    /// As usual, but for single odd ones.
    Outliers,
    /// Too few to say anything.
    InsufficientData,
}

/// The scores of a label at a camera.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct DriftRow {
    /// At which camera.
    pub camera: CameraId,
    /// Of what.
    pub label: Label,
    /// How many there were.
    pub samples: u64,
    /// What is usual, 0 to 1.
    pub mean: f32,
    /// The mean of the newest.
    pub recent_mean: f32,
    /// How they stand.
    pub state: DriftStanding,
    /// Since when they are different.
    pub since: Option<WallTime>,
}

impl DriftWatch {
    /// As the last run left it; what cannot be read is learned again.
    pub(crate) fn open(vault: &Vault, data: &Path) -> Self {
        let plain = vault.read_sealed_file(&data.join(FILE), &KeyScope::House, CONTEXT).ok();
        let kept = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        Self { kept: Mutex::new(kept.unwrap_or_default()), changed: Mutex::new(false) }
    }

    /// Hears the best score of an activity that ended.
    fn note(
        &self,
        model: Option<String>,
        camera: CameraId,
        label: &Label,
        at: WallTime,
        score: f32,
    ) -> Option<DriftShift> {
        let mut kept = lock(&self.kept);
        // While no worker runs it is not known with which model the one before looked.
        if let Some(model) = model.filter(|model| kept.model.as_ref() != Some(model)) {
            *kept = Kept { model: Some(model), ..Kept::default() };
        }
        let labels = kept.cameras.entry(camera).or_default();
        if labels.len() >= LABELS_MAX && !labels.contains_key(label) {
            return None;
        }
        *lock(&self.changed) = true;
        labels.entry(label.clone()).or_default().note(at, score)
    }

    fn rows(&self, is_visible: impl Fn(CameraId) -> bool) -> Vec<DriftRow> {
        let kept = lock(&self.kept);
        let visible = kept.cameras.iter().filter(|(camera, _)| is_visible(**camera));
        let all = visible.flat_map(|(camera, labels)| {
            labels.iter().map(|(label, drift)| row(*camera, label, drift))
        });
        all.collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn row(camera: CameraId, label: &Label, drift: &Drift) -> DriftRow {
    DriftRow {
        camera,
        label: label.clone(),
        samples: drift.samples(),
        mean: drift.mean(),
        recent_mean: drift.recent_mean(),
        state: match drift.state() {
            DriftState::Steady => DriftStanding::Steady,
            DriftState::Shifted => DriftStanding::Shifted,
            DriftState::Outliers => DriftStanding::Outliers,
            DriftState::InsufficientData => DriftStanding::InsufficientData,
        },
        since: drift.since(),
    }
}

impl Hub {
    /// How the scores of cameras stand whose footage one may look back at.
    pub fn drift(&self, grant: &HouseGrant<ask::ReadEvents>) -> Vec<DriftRow> {
        let house = self.house();
        house.drift.rows(|camera| {
            house.cameras.get(camera).is_some() && house.policy.recalls(grant.principal(), camera)
        })
    }
}

impl House {
    /// Hears how sure the detector was of an activity that ended. What merely moved has no such score.
    pub(crate) async fn note_score(
        &self,
        camera: CameraId,
        label: &Label,
        at: WallTime,
        score: f32,
    ) {
        if *label == Label::motion() {
            return;
        }
        let model = self.eyes.as_ref().and_then(|eyes| eyes.status().model);
        let model = model
            .map(|(_, sha256)| sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let Some(shift) = self.drift.note(model, camera, label, at, score) else { return };
        // Written down before it is told, so that no restart tells it again.
        self.keep_drift().await;
        self.watchtower.find([self.drift_finding(camera, label, &shift)]);
    }

    fn drift_finding(&self, camera: CameraId, label: &Label, shift: &DriftShift) -> Finding {
        let name = self.camera_name(camera).map_or_else(String::new, |name| name.to_string());
        let way = if shift.recent_mean < shift.mean { "less" } else { "more" };
        Finding {
            kind: IncidentKind::DetectorDrift,
            severity: Severity::Warning,
            subject: format!("{camera} {label}"),
            title: format!("{name} is {way} sure of `{label}` than it was"),
            detail: format!(
                "Since {} scores are about {:.2}; {:.2} was usual. A dirty lens, a camera that was \
                 moved or other light is often why. Look at its newest pictures.",
                shift.since, shift.recent_mean, shift.mean
            ),
        }
    }

    /// Writes down what was learned since the last time, of cameras that are still there.
    pub(crate) async fn keep_drift(&self) {
        if !std::mem::take(&mut *lock(&self.drift.changed)) {
            return;
        }
        let json = {
            let mut kept = lock(&self.drift.kept);
            kept.cameras.retain(|camera, _| self.cameras.get(*camera).is_some());
            // Plain data with string keys: turning it into JSON cannot fail.
            serde_json::to_vec(&*kept).unwrap_or_default()
        };
        let (vault, path) = (self.vault.clone(), self.data.join(FILE));
        let written = tokio::task::spawn_blocking(move || {
            vault.write_sealed_file(&path, &KeyScope::House, CONTEXT, &json)
        });
        if !matches!(written.await, Ok(Ok(()))) {
            tracing::error!("what is usual of scores was not written down");
            *lock(&self.drift.changed) = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearth_auth::Principal;
    use hearth_model::{CameraName, CameraSettings, SourceUrl};

    use super::*;
    use crate::{HubConfig, IncidentQuery, IncidentView, NewCamera};

    /// Whoever waits longer has failed; generous, because machines are shared.
    const PATIENCE: Duration = Duration::from_secs(240);
    const LOOK_EVERY: Duration = Duration::from_millis(20);

    fn hear(watch: &DriftWatch, model: &str, camera: CameraId, score: f32, times: u32) -> usize {
        let label = Label::new("person").expect("valid");
        let at = WallTime::from_micros(0);
        let told = (0..times)
            .filter_map(|_| watch.note(Some(model.to_owned()), camera, &label, at, score));
        told.count()
    }

    fn watch() -> DriftWatch {
        DriftWatch { kept: Mutex::default(), changed: Mutex::default() }
    }

    /// promise: T-05. Who may not know of a camera does not learn how sure its detector is.
    #[test]
    fn rows_are_of_cameras_that_one_may_know_of() {
        let (watch, door, yard) = (watch(), CameraId::new(), CameraId::new());
        hear(&watch, "a", door, 0.8, 3);
        hear(&watch, "a", yard, 0.8, 12);
        let rows = watch.rows(|camera| camera == yard);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].camera, rows[0].samples), (yard, 12));
        assert_eq!(rows[0].state, DriftStanding::Steady);
        assert_eq!(watch.rows(|camera| camera == door)[0].state, DriftStanding::InsufficientData);
    }

    #[test]
    fn cameras_are_judged_each_for_itself_and_a_shift_is_told_once() {
        let (watch, door, yard) = (watch(), CameraId::new(), CameraId::new());
        hear(&watch, "a", door, 0.8, 100);
        assert_eq!(hear(&watch, "a", yard, 0.5, 100), 0, "it was never surer");
        assert_eq!(hear(&watch, "a", door, 0.5, 100), 1);
        assert_eq!(watch.rows(|camera| camera == door)[0].state, DriftStanding::Shifted);
    }

    #[test]
    fn another_model_is_learned_anew() {
        let (watch, door) = (watch(), CameraId::new());
        hear(&watch, "a", door, 0.8, 100);
        assert_eq!(hear(&watch, "b", door, 0.5, 100), 0);
        assert_eq!(watch.rows(|_| true)[0].samples, 100);
    }

    async fn opened(hub: &Hub) -> Vec<IncidentView> {
        let grant = hub.policy().house(&Principal::Owner).expect("the owner may");
        let all = hub.incidents(&grant, &IncidentQuery::default());
        all.into_iter().filter(|one| one.kind == IncidentKind::DetectorDrift).collect()
    }

    /// A camera whose detector is lastingly less sure than it was is an incident, once, and not anew
    /// after a restart; a single odd one is none.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_lasting_shift_becomes_one_incident() {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = Hub::start(HubConfig::of_test(folder.path())).await.expect("the hub starts");
        let (url, _) = SourceUrl::parse("rtsp://127.0.0.1:9/door").expect("a URL");
        let settings = CameraSettings::new(CameraName::new("Zanzibar").expect("a name"), url);
        let grant = hub.policy().house(&Principal::Owner).expect("the owner may");
        let new = NewCamera { settings, credentials: None };
        let camera = hub.add_camera(grant, new).await.expect("added").id;
        let label = Label::new("person").expect("valid");
        let hear = async |hub: &Hub, score: f32, times: usize| {
            let at = hub.house().clock.wall_now();
            for _ in 0..times {
                hub.house().note_score(camera, &label, at, score).await;
            }
        };
        hear(&hub, 0.8, 100).await;
        hear(&hub, 0.3, 1).await;
        hear(&hub, 0.8, 20).await;
        hub.house().keep_drift().await;
        assert!(opened(&hub).await.is_empty(), "one is none");
        hear(&hub, 0.5, 100).await;
        let told = async {
            while opened(&hub).await.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("an incident in time");
        let incident = opened(&hub).await.remove(0);
        assert_eq!(incident.severity, Severity::Warning);
        assert_eq!(incident.title, "Zanzibar is less sure of `person` than it was");
        let events = hub.policy().house(&Principal::Owner).expect("the owner may");
        assert_eq!(hub.drift(&events)[0].state, DriftStanding::Shifted);
        hub.shutdown().await;
        drop(hub);

        let hub = loop {
            // What the one before holds is let go a moment after it was shut down.
            match Hub::start(HubConfig::of_test(folder.path())).await {
                Ok(hub) => break hub,
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        };
        assert_eq!(hub.drift(&events)[0].state, DriftStanding::Shifted);
        hear(&hub, 0.5, 20).await;
        let [again] = opened(&hub).await.try_into().expect("one incident");
        assert_eq!((again.id, again.count), (incident.id, incident.count), "it is not told again");
        hub.shutdown().await;
    }

    #[test]
    fn what_was_learned_survives_its_json() {
        let (watch, door) = (watch(), CameraId::new());
        hear(&watch, "a", door, 0.8, 50);
        let kept = serde_json::to_vec(&*lock(&watch.kept)).expect("JSON");
        let again: Kept = serde_json::from_slice(&kept).expect("the same");
        assert_eq!(again.cameras, lock(&watch.kept).cameras);
    }
}
