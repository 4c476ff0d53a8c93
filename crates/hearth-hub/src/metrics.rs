//! Security and performance in numbers, for whoever collects them (promise V-12).
//!
//! Labels are few and bounded: camera ids, states, categories. No name, no address, nobody's id.

use hearth_audit::{Category, Outcome};
use hearth_auth::{HouseGrant, SessionState, ask};
use hearth_model::{CameraState, CameraStatus, Severity};

use crate::{
    Hub,
    error::Result,
    exposition::{
        Exposition,
        MetricKind::{Counter, Gauge},
    },
    identity::store_error,
    machine,
};

/// A number about a camera.
type OfCamera = fn(&CameraStatus) -> f64;

/// The states of a camera with their names.
const STATES: [(CameraState, &str); 4] = [
    (CameraState::Connecting, "connecting"),
    (CameraState::Live, "live"),
    (CameraState::Reconnecting, "reconnecting"),
    (CameraState::Offline, "offline"),
];

impl Hub {
    /// Everything that is counted, as text; surfaces add what they count themselves.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn metrics(&self, _grant: HouseGrant<ask::ReadMetrics>) -> Result<Exposition> {
        let mut text = Exposition::new();
        self.write_process(&mut text);
        self.write_cameras(&mut text);
        self.write_recorder(&mut text);
        self.write_eyes(&mut text);
        self.write_security(&mut text).await?;
        self.write_notifications(&mut text).await?;
        Ok(text)
    }

    fn write_process(&self, text: &mut Exposition) {
        let house = self.house();
        let version = [([("version", env!("CARGO_PKG_VERSION").to_owned())], 1)];
        text.family("hearthwatch_build_info", Gauge, "Version of the product.", version);
        let started = house.started_at.as_micros() as f64 / 1e6;
        text.single("process_start_time_seconds", Gauge, "When the hub started.", started);
        let memory = machine::memory_bytes();
        text.single("process_resident_memory_bytes", Gauge, "Memory of the hub.", memory);
        let used = machine::processor_seconds();
        text.single("process_cpu_seconds_total", Counter, "Processor time of the hub.", used);
        let (open, limit) = machine::open_files();
        text.single("process_open_fds", Gauge, "Open files and sockets.", open);
        text.single("process_max_fds", Gauge, "Files that may be open.", limit);
    }

    fn write_cameras(&self, text: &mut Exposition) {
        let all = self.house().cameras.all();
        let cameras: Vec<CameraStatus> = all.iter().map(|camera| camera.status()).collect();
        let each = |value: OfCamera| {
            let rows = cameras.iter();
            rows.map(|camera| (label(camera), value(camera))).collect::<Vec<_>>()
        };
        let states = cameras.iter().flat_map(|camera| {
            STATES.iter().map(|(state, name)| {
                let [id] = label(camera);
                ([id, ("state", (*name).to_owned())], u8::from(camera.state == *state))
            })
        });
        let help = "1 for the state that a camera is in.";
        text.family("hearthwatch_camera_state", Gauge, help, states.collect::<Vec<_>>());
        let counters: [(&str, &str, OfCamera); 6] = [
            ("frames_received", "Frames from the camera.", |c| c.frames_received as f64),
            ("bytes_received", "Bytes from the camera.", |c| c.bytes_received as f64),
            ("losses", "Packets lost on the way.", |c| c.losses as f64),
            ("frames_dropped", "Frames that viewers or eyes missed.", |c| c.frames_dropped as f64),
            ("recorded_seconds", "Seconds of footage written.", |c| c.recorded_seconds),
            ("expected_seconds", "Seconds of footage that should be.", |c| c.expected_seconds),
        ];
        for (name, help, value) in counters {
            let name = format!("hearthwatch_camera_{name}_total");
            text.family(&name, Counter, help, each(value));
        }
        let help = "1 while footage is written.";
        text.family(
            "hearthwatch_camera_recording",
            Gauge,
            help,
            each(|c| f64::from(u8::from(c.recording))),
        );
        let help = "Who watches live.";
        text.family("hearthwatch_camera_watchers", Gauge, help, each(|c| f64::from(c.watchers)));
    }

    fn write_recorder(&self, text: &mut Exposition) {
        let house = self.house();
        let all = house.cameras.all();
        let each = |value: fn(&crate::camera::handle::Camera) -> f64| {
            let row = |camera: &std::sync::Arc<crate::camera::handle::Camera>| {
                ([("camera", camera.id().to_string())], value(camera))
            };
            all.iter().map(row).collect::<Vec<_>>()
        };
        let help = "Bytes of footage written.";
        let written = each(|camera| camera.bytes_written() as f64);
        text.family("hearthwatch_recorder_bytes_written_total", Counter, help, written);
        let help = "Bytes that wait for the disk.";
        let queued = each(|camera| camera.bytes_queued() as f64);
        text.family("hearthwatch_recorder_queue_bytes", Gauge, help, queued);
        let help = "Fragments of footage that were not written.";
        let dropped = each(|camera| camera.fragments_dropped() as f64);
        text.family("hearthwatch_recorder_fragments_dropped_total", Counter, help, dropped);
        if let Ok(free) = house.recorder.bytes_free() {
            text.single("hearthwatch_disk_free_bytes", Gauge, "Free for the hub.", free);
        }
        let reserve = house.config.storage.bytes_free_min;
        text.single("hearthwatch_disk_reserve_bytes", Gauge, "Never taken by footage.", reserve);
    }

    fn write_eyes(&self, text: &mut Exposition) {
        let house = self.house();
        let status = house.eyes.as_ref().map(|eyes| eyes.status());
        let running = status.as_ref().is_some_and(|status| status.running);
        text.single("hearthwatch_eyes_running", Gauge, "1 while the eyes look.", u8::from(running));
        let restarts = status.map_or(0, |status| status.restarts);
        let help = "How often the eyes were started again.";
        text.single("hearthwatch_eyes_restarts_total", Counter, help, restarts);
        let mut stages = Vec::new();
        for camera in house.cameras.all() {
            let seen = camera.eyes_counters();
            let by_stage = [
                ("received", seen.received),
                ("dropped", seen.dropped),
                ("gate_skipped", seen.gate_skipped),
                ("decoded", seen.decoded),
                ("failed", seen.failed),
                ("analysed", seen.analysed),
                ("detected", seen.detector_runs),
            ];
            stages.extend(by_stage.map(|(stage, count)| {
                ([("camera", camera.id().to_string()), ("stage", stage.to_owned())], count)
            }));
        }
        let help = "Frames at each stage of the eyes.";
        text.family("hearthwatch_eyes_frames_total", Counter, help, stages);
    }

    async fn write_security(&self, text: &mut Exposition) -> Result<()> {
        let house = self.house();
        let counters = house.audit.counters();
        let rows = Category::ALL.iter().flat_map(|category| {
            Outcome::ALL.iter().map(|result| {
                let labels = [
                    ("category", category.name().to_owned()),
                    ("result", result.name().to_owned()),
                ];
                (labels, counters.entries(*category, *result))
            })
        });
        let help = "Security events by category, those that were only counted included.";
        text.family("hearthwatch_security_events_total", Counter, help, rows.collect::<Vec<_>>());
        let sign_in = |result| counters.entries(Category::Authentication, result);
        let rows = [Outcome::Ok, Outcome::Denied]
            .map(|result| ([("result", result.name().to_owned())], sign_in(result)));
        text.family("hearthwatch_sign_ins_total", Counter, "Sign-ins and sign-outs.", rows);
        let denied = counters.entries(Category::Authorization, Outcome::Denied);
        text.single("hearthwatch_denied_total", Counter, "Requests that were refused.", denied);
        let help = "Number of the newest audit entry.";
        text.single("hearthwatch_audit_entries_total", Counter, help, house.audit.newest());
        let help = "Audit entries that the disk did not take in time.";
        text.single("hearthwatch_audit_lost_total", Counter, help, counters.lost());
        if let Some((at, report)) = house.watchtower.checked() {
            let help = "1 if the audit log was whole when it was checked last.";
            text.single("hearthwatch_audit_ok", Gauge, help, u8::from(report.ok));
            let help = "When the audit log was checked last.";
            let at = at.as_micros() as f64 / 1e6;
            text.single("hearthwatch_audit_checked_timestamp_seconds", Gauge, help, at);
        }
        self.write_incidents(text);
        let sessions = self.open_sessions().await?;
        text.single("hearthwatch_sessions", Gauge, "Sign-ins that are open.", sessions);
        Ok(())
    }

    fn write_incidents(&self, text: &mut Exposition) {
        let severities = [
            (Severity::Info, "info"),
            (Severity::Warning, "warning"),
            (Severity::Critical, "critical"),
        ];
        let rows = self.house().watchtower.incidents(|incidents| {
            severities.map(|(severity, name)| {
                let waits = incidents.newest_first().filter(|incident| {
                    incident.severity == severity
                        && incident.state != hearth_audit::IncidentState::Resolved
                });
                ([("severity", name.to_owned())], waits.count())
            })
        });
        text.family("hearthwatch_incidents", Gauge, "Incidents that are not resolved.", rows);
    }

    async fn open_sessions(&self) -> Result<usize> {
        let house = self.house();
        let now = house.clock.wall_now();
        let mut open = 0;
        for user in house.store.users().await.map_err(store_error)? {
            let sessions = house.store.sessions_of(user.id).await.map_err(store_error)?;
            let alive = |session: &&hearth_auth::Session| {
                session.state(now, house.identity.limits()) == SessionState::Alive
            };
            open += sessions.iter().filter(alive).count();
        }
        Ok(open)
    }
}

fn label(camera: &CameraStatus) -> [(&'static str, String); 1] {
    [("camera", camera.id.to_string())]
}
