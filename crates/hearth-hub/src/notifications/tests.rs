//! What the house itself tells, and when it is silent.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use hearth_audit::{DaySummary, Finding, IncidentKind, Noticed};
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{
    CameraId, CameraName, CameraSettings, GapCause, RecordMode, RecordSchedule, Severity, SourceUrl,
};
use hearth_notify::Content;
use hearth_sim::{HookCall, HookReceiver};
use hearth_store::StoreError;
use hearth_vault::VaultError;

use super::{ChannelSettings, MatterKind, NewChannel, NewRecipient, Subscribed};
use crate::{Hub, HubConfig, NewCamera, StartError, house::House};

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A hub that tells a machine.
struct Told {
    folder: tempfile::TempDir,
    hub: Hub,
    machine: HookReceiver,
}

/// Starts a hub. What the one before still holds is let go a moment after it was shut down.
async fn hub(folder: &std::path::Path) -> Hub {
    loop {
        match Hub::start(HubConfig::of_test(folder)).await {
            Ok(hub) => return hub,
            Err(StartError::Vault(VaultError::InUse)) => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => panic!("the hub starts: {error}"),
        }
    }
}

/// A camera that nobody asks for pictures.
async fn add_camera(hub: &Hub) -> CameraId {
    let name = CameraName::new("door").expect("a name");
    let (url, _) = SourceUrl::parse("rtsp://127.0.0.1:9/door").expect("a URL");
    let mut settings = CameraSettings::new(name, url);
    settings.record = RecordSchedule::always(RecordMode::Off);
    let grant = hub.policy().house(&hub.owner()).expect("the owner may");
    hub.add_camera(grant, NewCamera { settings, credentials: None }).await.expect("added").id
}

fn managing(hub: &Hub) -> HouseGrant<ask::ManageNotifications> {
    hub.policy().house(&Principal::Owner).expect("the owner may")
}

impl Told {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = hub(folder.path()).await;
        let machine = HookReceiver::start().await.expect("started");
        let channel = NewChannel {
            name: "Machine".to_owned(),
            enabled: true,
            settings: ChannelSettings::Webhook { url: machine.url() },
            secret: Some(machine.secret().into()),
            private_network: false,
            certificate: Some(machine.certificate_sha256().parse().expect("a fingerprint")),
        };
        let channel = hub.add_channel(&managing(&hub), channel).await.expect("added").id;
        let kinds = [MatterKind::Incident, MatterKind::Summary, MatterKind::CameraSilent];
        let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
        let recipient = NewRecipient {
            name: "Machine".to_owned(),
            channel,
            address: None,
            enabled: true,
            content: Content::Full,
            commands: false,
            matters: kinds.map(of).to_vec(),
            quiet_hours: Vec::new(),
            per_hour: 600,
            dedup_seconds: 0,
        };
        hub.add_recipient(&managing(&hub), recipient).await.expect("added");
        Self { folder, hub, machine }
    }

    fn house(&self) -> &House {
        self.hub.house()
    }

    async fn heard(&self, count: usize) -> Vec<HookCall> {
        self.machine.wait_for(count).await
    }
}

fn title(call: &HookCall) -> &str {
    call.body["title"].as_str().expect("a text")
}

/// promise: D-29. The summary of a day is told, in numbers.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_of_a_day_is_told() {
    let told = Told::new().await;
    let day = DaySummary {
        day: "2026-11-21".to_owned(),
        failed_sign_ins: 7,
        denied: 2,
        incidents_opened: 1,
        incidents_unresolved: 4,
        ..DaySummary::default()
    };
    told.house().tell_of_day(&day).await;
    told.house().tell_of_day(&day).await;
    let heard = told.heard(1).await;
    assert_eq!(title(&heard[0]), "Security summary of 2026-11-21");
    let text = heard[0].body["text"].as_str().expect("a text");
    assert!(text.contains("1 new") && text.contains("4 unresolved"), "{text}");
    assert!(text.contains("7 failed") && text.contains("2 refused"), "{text}");
    told.hub.shutdown().await;
    assert_eq!(told.machine.taken().len(), 1, "once");
}

/// promise: V-13. Missing footage is told at once, and that it is there again in the same place, also
/// by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn missing_footage_is_told_and_its_return_too() {
    let told = Told::new().await;
    let camera = add_camera(&told.hub).await;
    told.house().tell_of_silence(camera, GapCause::Camera).await;
    let heard = told.heard(1).await;
    assert_eq!(
        (title(&heard[0]), &heard[0].body["severity"]),
        ("door records nothing", &"warning".into())
    );
    let before = heard[0].body["tag"].clone();
    told.hub.shutdown().await;
    let Told { folder, hub: ended, machine } = told;
    drop(ended);
    let told = Told { hub: hub(folder.path()).await, folder, machine };
    told.house().tell_of_return(camera).await;
    let heard = told.heard(2).await;
    assert_eq!((title(&heard[1]), &heard[1].body["tag"]), ("door records again", &before));
    told.house().tell_of_return(camera).await;
    told.house().tell_of_silence(camera, GapCause::DiskFull).await;
    let heard = told.heard(3).await;
    assert_eq!(heard[2].body["text"], "The disk is full.");
    assert_ne!(heard[2].body["tag"], before, "the next time is another matter");
    told.hub.shutdown().await;
}

/// promise: D-29. Whoever answers an incident while it is on its way to be told has answered it.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_that_was_answered_meanwhile_is_not_told() {
    let told = Told::new().await;
    let house = told.house();
    let finding = Finding {
        kind: IncidentKind::AuditLog,
        severity: Severity::Critical,
        subject: "audit log".to_owned(),
        title: "The audit log was altered".to_owned(),
        detail: String::new(),
    };
    let now = house.clock.wall_now();
    let Noticed::Opened(id) = house.watchtower.incidents(|all| all.notice(now, finding)) else {
        panic!("a new incident")
    };
    let seen = house.watchtower.incidents(|all| all.get(id).cloned()).expect("known");
    // Its event is out, and somebody answers before its matter is written down.
    let grant = told.hub.policy().house(&Principal::Owner).expect("the owner may");
    told.hub.acknowledge_incident(&grant, id).await.expect("acknowledged");
    house.tell_of_incident(&seen, false).await;
    let matter = house.store.matter(&id.to_string()).await;
    assert!(matches!(matter, Err(StoreError::NotFound { .. })), "{matter:?}");
    told.hub.shutdown().await;
}
