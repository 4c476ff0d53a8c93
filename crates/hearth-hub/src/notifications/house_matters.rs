//! What the house itself has to tell: incidents, missing footage, the day's summary.

use std::collections::BTreeMap;

use hearth_audit::{Actor, DaySummary, Incident, IncidentState};
use hearth_model::{CameraId, EventBody, GapCause, IncidentId, Severity};

use super::{Matter, MatterKind};
use crate::house::House;

/// Setting that says of which cameras footage is missing, with the matter that told so.
const SILENT: &str = "notification_silence";

impl House {
    /// Tells an incident, or that it still waits for somebody (promises V-13, D-29).
    ///
    /// Nobody is told of what was acknowledged while it was on its way here.
    pub(crate) async fn tell_of_incident(&self, incident: &Incident, is_escalated: bool) {
        let mut text = format!("{}, {} times so far.", incident.subject, incident.count);
        if is_escalated {
            text = format!("Nobody has looked into it since {}. {text}", incident.opened_at);
        }
        let id = incident.id;
        let is_open = || {
            self.watchtower.incidents(|all| {
                all.get(id).is_some_and(|incident| incident.state == IncidentState::Open)
            })
        };
        let matter = Matter {
            kind: MatterKind::Incident,
            severity: incident.severity,
            camera: None,
            to: Vec::new(),
            title: incident.title.clone(),
            text,
            picture: None,
            correlation: incident.id.to_string(),
            link: Some(format!("/incidents/{}", incident.id)),
        };
        self.notify_while(matter, is_open).await;
    }

    /// Tells the summary of a day (promise D-29).
    pub(crate) async fn tell_of_day(&self, day: &DaySummary) {
        let text = format!(
            "{} new incidents, {} unresolved, {} failed sign-ins, {} refused requests.",
            day.incidents_opened, day.incidents_unresolved, day.failed_sign_ins, day.denied
        );
        self.notify(Matter {
            kind: MatterKind::Summary,
            severity: Severity::Info,
            camera: None,
            to: Vec::new(),
            title: format!("Security summary of {}", day.day),
            text,
            picture: None,
            correlation: format!("summary:{}", day.day),
            link: Some("/security".to_owned()),
        })
        .await;
    }

    /// Tells that a camera's footage is missing. Each time is a matter of its own; one that lasts over
    /// an end of the hub stays the same.
    pub(crate) async fn tell_of_silence(&self, camera: CameraId, cause: GapCause) {
        let _one_at_a_time = self.desk.silence.lock().await;
        let mut silent = self.silent_cameras().await;
        let new = || format!("silent:{camera}:{}", self.clock.wall_now().as_micros());
        let correlation = silent.entry(camera.to_string()).or_insert_with(new).clone();
        self.keep_silent_cameras(silent).await;
        let why = match cause {
            GapCause::Camera => "The camera sends nothing.",
            GapCause::DiskFull => "The disk is full.",
            GapCause::DiskError => "The disk refuses to write.",
            GapCause::DiskSlow => "The disk is too slow.",
            GapCause::HubDown => "The hub was not running.",
            GapCause::Locked => "The key to its footage is not available.",
        };
        self.tell_of_camera(camera, "records nothing", why, correlation, Severity::Warning).await;
    }

    /// Tells that footage is there again, in the place where it was said to be missing.
    pub(crate) async fn tell_of_return(&self, camera: CameraId) {
        let _one_at_a_time = self.desk.silence.lock().await;
        let mut silent = self.silent_cameras().await;
        let Some(correlation) = silent.remove(&camera.to_string()) else { return };
        self.keep_silent_cameras(silent).await;
        let text = "It was missing for a while; the timeline shows how long.";
        self.tell_of_camera(camera, "records again", text, correlation, Severity::Warning).await;
    }

    async fn silent_cameras(&self) -> BTreeMap<String, String> {
        self.store.setting(SILENT).await.ok().flatten().unwrap_or_default()
    }

    async fn keep_silent_cameras(&self, mut silent: BTreeMap<String, String>) {
        let is_there = |id: &str| id.parse().is_ok_and(|id| self.cameras.get(id).is_some());
        silent.retain(|id, _| is_there(id));
        if let Err(error) = self.store.put_setting(SILENT, &silent).await {
            tracing::warn!(%error, "which cameras are silent is not noted");
        }
    }

    async fn tell_of_camera(
        &self,
        camera: CameraId,
        what: &str,
        text: &str,
        correlation: String,
        severity: Severity,
    ) {
        let name = self.camera_name(camera).map_or_else(String::new, |name| name.to_string());
        self.notify(Matter {
            kind: MatterKind::CameraSilent,
            severity,
            camera: Some(camera),
            to: Vec::new(),
            title: format!("{name} {what}"),
            text: text.to_owned(),
            picture: None,
            correlation,
            link: Some(format!("/cameras/{camera}")),
        })
        .await;
    }

    /// Acknowledges the incident that a matter is about, if it is about one.
    pub(super) async fn acknowledge_incident_of(&self, matter: &str, who: Actor) {
        let Ok(incident) = matter.parse::<IncidentId>() else { return };
        let by = who.name.clone().unwrap_or_else(|| who.kind.name().to_owned());
        let now = self.clock.wall_now();
        let changed =
            self.watchtower.incidents(|all| all.acknowledge(incident, who, now).map(drop));
        if changed.is_ok() {
            self.note(EventBody::IncidentAcknowledged { incident, by }).await;
            self.keep_security().await;
        }
    }
}
