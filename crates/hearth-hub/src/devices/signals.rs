//! Lamps and chimes of the machine show who rang, what critical waits for somebody until they say that
//! they look into it, and that something does not work.

use std::{sync::Arc, time::Duration};

use hearth_audit::IncidentState;
use hearth_model::{
    CameraId, CameraState, CameraStatus, EventKind, EyesState, Severity, StateReason,
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};

use crate::{devices::KeptDevice, house::House};

/// A disk that fails and a recording that hangs are no facts: they are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What all lamps show as long as it lasts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lasting {
    /// Something critical waits for somebody.
    alert: bool,
    /// Something does not work.
    error: bool,
}

impl Lasting {
    /// What to tell lamps of which the others showed this so far. What ended is told once: it ends what
    /// a lamp shows of a ring, too.
    fn actions(self, shown: Self) -> [Option<&'static str>; 2] {
        let told = |is_now: bool, was: bool, [begins, ends]: [&'static str; 2]| {
            if is_now { Some(begins) } else { was.then_some(ends) }
        };
        [
            told(self.alert, shown.alert, ["alert", "acknowledge"]),
            told(self.error, shown.error, ["error", "works"]),
        ]
    }
}

/// Shows it until the hub ends. A lamp that came back lost what it showed: all are told with each fact
/// about any of it, and about devices.
pub(crate) async fn show_signals(house: Arc<House>) {
    let mut heard = house.events.listen();
    let mut shown = Lasting::default();
    loop {
        let lamps = house.signal_devices();
        // Most houses have none, and nothing is looked at for nobody.
        let lasting = if lamps.is_empty() { Lasting::default() } else { house.lasting().await };
        for action in lasting.actions(shown).into_iter().flatten() {
            tell(lamps.clone(), action).await;
        }
        shown = lasting;
        let next_look = Instant::now() + LOOK_EVERY;
        loop {
            tokio::select! {
                () = house.ended() => return,
                () = sleep_until(next_look) => break,
                row = heard.recv() => match row {
                    Ok(row) if !is_about_it(row.event.body.kind()) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

fn is_about_it(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::IncidentOpened
            | EventKind::IncidentEscalated
            | EventKind::IncidentAcknowledged
            | EventKind::IncidentResolved
            | EventKind::DeviceAdded
            | EventKind::DeviceStateChanged
            | EventKind::CameraRemoved
            | EventKind::CameraStateChanged
            | EventKind::EyesStarted
            | EventKind::EyesStopped
    )
}

/// Whether a camera is not seen through that should be.
fn is_blind(camera: &CameraStatus) -> bool {
    match camera.state {
        CameraState::Connecting => false,
        CameraState::Live => matches!(camera.eyes, EyesState::Down | EyesState::Suspended),
        CameraState::Reconnecting | CameraState::Offline => {
            camera.reason != Some(StateReason::Privacy)
        }
    }
}

impl House {
    /// Lets the lamps and chimes at a door tell that somebody rang; those of no door do for all.
    pub(crate) fn show_ring(&self, camera: Option<CameraId>) {
        let is_there = |lamp: &Arc<KeptDevice>| {
            let at = lamp.settings().camera;
            at.is_none() || at == camera
        };
        let lamps = self.signal_devices().into_iter().filter(is_there).collect();
        tokio::spawn(tell(lamps, "ring"));
    }

    async fn lasting(self: &Arc<Self>) -> Lasting {
        let alert = self.watchtower.incidents(|all| {
            all.newest_first()
                .any(|one| one.severity == Severity::Critical && one.state == IncidentState::Open)
        });
        let is_blind = self.cameras.all().iter().any(|camera| is_blind(&camera.status()));
        Lasting { alert, error: is_blind || !self.readiness().await.is_ready() }
    }

    fn signal_devices(&self) -> Vec<Arc<KeptDevice>> {
        let mut all = self.devices.all();
        all.retain(|device| device.settings().family.is_signal());
        all
    }
}

async fn tell(lamps: Vec<Arc<KeptDevice>>, action: &str) {
    for lamp in lamps {
        if let Err(error) = lamp.supervised().act(action, serde_json::json!({})).await {
            tracing::warn!(%error, action, "a lamp does not show what happens");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearth_audit::{Finding, IncidentKind};
    use hearth_auth::{HouseAction, HouseGrant, Principal};
    use hearth_sim::{SimulatedBoard, SimulatedSensors};

    use super::*;
    use crate::{DeviceName, Family, Hub, HubConfig, NewDevice};

    fn allowed<A: HouseAction>(hub: &Hub) -> HouseGrant<A> {
        hub.policy().house(&Principal::Owner).expect("the owner may")
    }

    async fn poll(what: &str, ask: impl AsyncFn() -> bool) {
        let looked = tokio::time::timeout(Duration::from_secs(240), async {
            while !ask().await {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        });
        assert!(looked.await.is_ok(), "in time: {what}");
    }

    /// The alert stays over whatever happens meanwhile, and ends when somebody acknowledges it.
    #[tokio::test]
    async fn a_lamp_shows_an_alert_until_it_is_acknowledged() {
        let folder = tempfile::tempdir().expect("a folder");
        let sensors = folder.path().join("sys");
        SimulatedSensors::create(&sensors).expect("written");
        let board = Arc::new(SimulatedBoard::new(&sensors));
        let config =
            HubConfig { board: Some(Arc::clone(&board) as _), ..HubConfig::of_test(folder.path()) };
        let hub = Hub::start(config).await.expect("the hub starts");
        let lamp = || NewDevice {
            name: DeviceName::new("Lamp").expect("a name"),
            room: None,
            family: Family::GpioLamp,
            address: "gpiochip0/18".parse().expect("an address"),
            account: None,
            camera: None,
            fingerprint: None,
        };
        let first = hub.add_device(allowed(&hub), lamp()).await.expect("added").id;
        let changes = || board.lamp.shown().len();
        // It blinks eight times a second, and is lit while all is well.
        let blinks = async || {
            let before = changes();
            tokio::time::sleep(Duration::from_millis(600)).await;
            changes() > before
        };
        poll("it is lit", async || !blinks().await && board.lamp.shown().last() == Some(&true))
            .await;
        hub.house().watchtower.find([Finding {
            kind: IncidentKind::Alarm,
            severity: Severity::Critical,
            subject: "door".to_owned(),
            title: "The alarm went off".to_owned(),
            detail: String::new(),
        }]);
        poll("it blinks", blinks).await;
        hub.remove_device(allowed(&hub), first).await.expect("removed");
        poll("nothing blinks", async || !blinks().await).await;
        hub.add_device(allowed(&hub), lamp()).await.expect("added");
        poll("so does a lamp that comes later", blinks).await;
        let incident =
            hub.house().watchtower.incidents(|all| all.newest_first().next().map(|one| one.id));
        let incident = incident.expect("one");
        hub.acknowledge_incident(&allowed(&hub), incident).await.expect("acknowledged");
        poll("it is lit again", async || {
            !blinks().await && board.lamp.shown().last() == Some(&true)
        })
        .await;
        hub.shutdown().await;
    }
}
