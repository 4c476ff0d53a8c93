//! Turns what devices tell by themselves into facts: somebody rang, something was noticed.
//!
//! A device is hostile (law 4): one that tells the same thing without end makes no flood of facts.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use hearth_device::{Notice, Sense};
use hearth_model::EventBody;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use super::KeptDevice;
use crate::house::House;

/// Presses closer together are one: nobody presses twice on purpose within it. The same of doors, and of
/// what somebody tampers with: what is held back of those may be the one that an alarm is about.
const ONCE_EVERY: Duration = Duration::from_secs(1);

/// Cameras tell of the same movement again and again.
const SEEN_EVERY: Duration = Duration::from_secs(15);

/// Listens until the device is not looked after any more.
pub(crate) async fn follow_notices(
    house: Weak<House>,
    device: Arc<KeptDevice>,
    mut heard: Receiver<Notice>,
) {
    let mut paces = Paces::default();
    loop {
        let notice = match heard.recv().await {
            Ok(notice) => notice,
            Err(RecvError::Lagged(lost)) => {
                tracing::warn!(lost, "a device tells more than anybody can take in");
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        let Some(house) = house.upgrade() else { return };
        if !paces.admit(notice, Instant::now()) {
            continue;
        }
        let (name, camera) = (device.name(), device.settings().camera);
        let body = match notice {
            Notice::Ring => EventBody::Ring { camera, device: Some(device.id()), name },
            Notice::Sensed(sense) => EventBody::DeviceNoticed {
                device: device.id(),
                name,
                camera,
                what: sense.name().to_owned(),
            },
        };
        house.note(body).await;
        if notice == Notice::Ring {
            house.rang(camera, &device.name()).await;
        }
    }
}

/// When each thing was told last.
#[derive(Default)]
struct Paces {
    ring: Option<Instant>,
    senses: HashMap<Sense, Instant>,
}

impl Paces {
    /// Whether it is told now. What goes on without a pause is told again and again, slowly.
    fn admit(&mut self, notice: Notice, now: Instant) -> bool {
        let last = match notice {
            Notice::Ring => self.ring,
            Notice::Sensed(sense) => self.senses.get(&sense).copied(),
        };
        let every = match notice {
            Notice::Ring | Notice::Sensed(Sense::Contact | Sense::Tamper) => ONCE_EVERY,
            Notice::Sensed(_) => SEEN_EVERY,
        };
        if last.is_some_and(|last| now.duration_since(last) < every) {
            return false;
        }
        match notice {
            Notice::Ring => self.ring = Some(now),
            Notice::Sensed(sense) => {
                self.senses.insert(sense, now);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_without_end_is_told_now_and_then() {
        let (mut paces, begun) = (Paces::default(), Instant::now());
        let motion = Notice::Sensed(Sense::Motion);
        let told = (0..60).filter(|s| paces.admit(motion, begun + Duration::from_secs(*s)));
        assert_eq!(told.count(), 4);
        let tamper = Notice::Sensed(Sense::Tamper);
        let told = (0..60).filter(|s| paces.admit(tamper, begun + Duration::from_secs(*s)));
        assert_eq!(told.count(), 60, "each may be the one that matters");
        assert!(paces.admit(Notice::Ring, begun), "another thing is not held back");
        assert!(!paces.admit(Notice::Ring, begun + Duration::from_millis(999)));
        assert!(paces.admit(Notice::Ring, begun + Duration::from_secs(1)));
    }
}
