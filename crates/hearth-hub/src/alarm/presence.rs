//! Who is at home, by the devices that were chosen, and what follows. `hearth_rules::alarm` concludes;
//! here is what devices say, who is told, and that it is kept.

use std::{
    collections::BTreeMap,
    sync::{MutexGuard, PoisonError},
};

use hearth_device::DeviceState;
use hearth_model::{DeviceId, Severity, WallTime};
use hearth_rules::{
    Mode,
    alarm::{
        AlarmCause, AlarmState, Presence, PresenceEvent, PresenceSettings, PresenceView, Welcome,
        WhenEmpty,
    },
};

use super::AlarmPanel;
use crate::{
    house::House,
    notifications::{Matter, MatterKind},
};

impl AlarmPanel {
    fn presence(&self) -> MutexGuard<'_, Presence> {
        // Whoever panicked left plain data.
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl House {
    pub(super) fn presence_view(&self, settings: &PresenceSettings) -> PresenceView {
        self.alarm.presence().view(settings)
    }

    /// Lets time go on for those who are at home, or not.
    pub(super) async fn tick_presence(&self) {
        let (settings, is_disarmed) = {
            let panel = self.alarm.lock().await;
            (panel.setup.presence.clone(), *panel.alarm().state() == AlarmState::Disarmed)
        };
        let (now, seen) = (self.clock.wall_now(), self.seen_devices(&settings));
        let (event, changed) = {
            let mut presence = self.alarm.presence();
            let was_settled = presence.is_settled();
            let event = presence.step(now, &settings, &seen, is_disarmed);
            let is_settled = presence.is_settled();
            (event, (is_settled != was_settled).then_some(is_settled))
        };
        if let Some(is_settled) = changed {
            let kept = self.change_alarm(move |panel| {
                panel.is_absence_settled = is_settled;
                Ok(())
            });
            // Nothing in it can be refused.
            kept.await.ok();
        }
        match event {
            Some(PresenceEvent::Emptied) => self.house_emptied(settings.when_empty, now).await,
            Some(PresenceEvent::Returned) if settings.welcome == Welcome::Tell => {
                let (kind, severity) = (MatterKind::Arming, Severity::Info);
                let title = "Somebody is home again";
                self.tell_presence(kind, severity, title, "The alarm stays as it is.", now).await;
            }
            Some(PresenceEvent::Returned) | None => {}
        }
    }

    /// Of each chosen device whether it is at home; those that nobody asked, or that are asked no
    /// more, say nothing.
    fn seen_devices(&self, settings: &PresenceSettings) -> BTreeMap<DeviceId, bool> {
        let seen = settings.devices.iter().filter_map(|id| {
            let is_home = match self.devices.get(*id)?.supervised().standing().state {
                DeviceState::Answering => true,
                DeviceState::Unreachable => false,
                _ => return None,
            };
            Some((*id, is_home))
        });
        seen.collect()
    }

    async fn house_emptied(&self, then: WhenEmpty, now: WallTime) {
        const TITLE: &str = "Nobody seems to be home";
        let (kind, severity) = (MatterKind::Alarm, Severity::Warning);
        match then {
            WhenEmpty::Nothing => {}
            WhenEmpty::Tell => {
                let text = "All chosen devices are away, and the house is disarmed.";
                self.tell_presence(kind, severity, TITLE, text, now).await;
            }
            // Who is told of arming is told of this as well.
            WhenEmpty::ArmAway => {
                if let Err(error) = self.arm(Mode::Away, AlarmCause::Presence, false).await {
                    let text = format!("The house was not armed. {}", error.fault.message);
                    self.tell_presence(kind, severity, TITLE, &text, now).await;
                }
            }
        }
    }

    async fn tell_presence(
        &self,
        kind: MatterKind,
        severity: Severity,
        title: &str,
        text: &str,
        now: WallTime,
    ) {
        self.notify(Matter {
            kind,
            severity,
            camera: None,
            to: Vec::new(),
            title: title.to_owned(),
            text: text.to_owned(),
            picture: None,
            correlation: format!("presence:{}", now.as_micros()),
            link: Some("/alarm".to_owned()),
        })
        .await;
    }
}
