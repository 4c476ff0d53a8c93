//! Lamps of the machine show that something critical waits for somebody, until somebody says that they
//! look into it.

use std::sync::Arc;

use hearth_audit::IncidentState;
use hearth_device::Family;
use hearth_model::{EventKind, Severity};
use tokio::sync::broadcast::error::RecvError;

use crate::house::House;

/// Shows it until the hub ends. A lamp that came back lost what it showed: all are told with each fact
/// about incidents and devices.
pub(crate) async fn show_alerts(house: Arc<House>) {
    let mut heard = house.events.listen();
    let mut waited = false;
    loop {
        let waits = house.is_alerted();
        if waits || waited {
            house.show_alert(waits).await;
        }
        waited = waits;
        loop {
            tokio::select! {
                () = house.ended() => return,
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
    )
}

impl House {
    /// Whether something critical waits for somebody.
    fn is_alerted(&self) -> bool {
        self.watchtower.incidents(|all| {
            all.newest_first()
                .any(|one| one.severity == Severity::Critical && one.state == IncidentState::Open)
        })
    }

    async fn show_alert(&self, waits: bool) {
        let action = if waits { "alert" } else { "acknowledge" };
        for lamp in self.devices.all() {
            if lamp.settings().family != Family::GpioLamp {
                continue;
            }
            if let Err(error) = lamp.supervised().act(action, serde_json::json!({})).await {
                tracing::warn!(%error, "a lamp does not show what waits");
            }
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
    use crate::{DeviceName, Hub, HubConfig, NewDevice};

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
