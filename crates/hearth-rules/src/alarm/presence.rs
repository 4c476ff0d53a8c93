//! Whether somebody is at home, by devices that people carry or switch on.
//!
//! Pure: what devices say and what time it is are arguments. Silence is told from absence: nothing is
//! concluded before each chosen device was seen or found away. One absence is acted on once at most,
//! never while the alarm is set, and not after it was set during that absence: whoever disarms while
//! the devices are away has come without them, and must not be locked in.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{DeviceId, WallTime};

/// Shorter absences are a phone that sleeps.
const EMPTY_MINUTES_MIN: u16 = 5;

/// Longer ones need no reminder.
const EMPTY_MINUTES_MAX: u16 = 240;

/// Devices that count: each of a large family has some.
const DEVICES_MAX: usize = 32;

/// What follows when everybody has been away for long enough.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WhenEmpty {
    /// Nothing.
    #[default]
    Nothing,
    /// People are told once.
    Tell,
    /// The house is armed for away, after its exit delay.
    ArmAway,
}

/// What follows when somebody is back.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = WelcomeBack)]
pub enum Welcome {
    /// Nothing.
    #[default]
    Nothing,
    /// People are told. The alarm stays as it is: a device is no key.
    Tell,
}

/// Which devices say that somebody is at home, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PresenceSettings {
    /// The devices; without any, nothing is concluded.
    #[schema(value_type = Vec<DeviceId>)]
    pub devices: BTreeSet<DeviceId>,
    /// How long all of them must have been away, 5 to 240 minutes.
    pub empty_minutes: u16,
    /// What follows then.
    #[serde(rename = "then")]
    pub when_empty: WhenEmpty,
    /// What follows when one is back.
    pub welcome: Welcome,
}

impl Default for PresenceSettings {
    fn default() -> Self {
        Self {
            devices: BTreeSet::new(),
            empty_minutes: 15,
            when_empty: WhenEmpty::Nothing,
            welcome: Welcome::Nothing,
        }
    }
}

impl PresenceSettings {
    /// Whether they keep all limits.
    pub fn is_sound(&self) -> bool {
        (EMPTY_MINUTES_MIN..=EMPTY_MINUTES_MAX).contains(&self.empty_minutes)
            && self.devices.len() <= DEVICES_MAX
    }
}

/// What is concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceEvent {
    /// Everybody has been away for long enough, and the house is disarmed.
    Emptied,
    /// Somebody is back after that time, whether or not anything was concluded from it.
    Returned,
}

/// How it stands, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PresenceView {
    /// Whether each chosen device was seen or found away.
    pub is_known: bool,
    /// The devices that are at home.
    pub home: Vec<DeviceId>,
    /// Since when none is.
    pub empty_since: Option<WallTime>,
}

/// What is known of the chosen devices.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// Whether a device is at home, of those that were seen or found away.
    home: BTreeMap<DeviceId, bool>,
    empty_since: Option<WallTime>,
    /// Whether this absence was acted on, or the alarm set during it.
    is_settled: bool,
    now: WallTime,
}

impl Presence {
    /// Knows of no device yet. An absence that another run settled stays settled.
    pub fn new(is_settled: bool) -> Self {
        Self { is_settled, ..Self::default() }
    }

    /// Whether this absence has been acted on, to be kept over a restart.
    pub fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Lets time go on. `seen` tells of each device whether it is at home; one of which nobody knows
    /// is left out.
    pub fn step(
        &mut self,
        now: WallTime,
        settings: &PresenceSettings,
        seen: &BTreeMap<DeviceId, bool>,
        is_disarmed: bool,
    ) -> Option<PresenceEvent> {
        self.follow_clock(now);
        let chosen = seen.iter().filter(|(device, _)| settings.devices.contains(device));
        self.home = chosen.map(|(device, is_home)| (*device, *is_home)).collect();
        if self.home.values().any(|is_home| *is_home) {
            return self.somebody_is_home(settings);
        }
        if !self.is_known(settings) {
            self.empty_since = None;
            return None;
        }
        let since = *self.empty_since.get_or_insert(now);
        self.is_settled |= !is_disarmed;
        if self.is_settled || !is_over(since, now, settings) {
            return None;
        }
        self.is_settled = true;
        Some(PresenceEvent::Emptied)
    }

    fn somebody_is_home(&mut self, settings: &PresenceSettings) -> Option<PresenceEvent> {
        self.is_settled = false;
        let since = self.empty_since.take()?;
        is_over(since, self.now, settings).then_some(PresenceEvent::Returned)
    }

    /// An absence lasts as long as it does, whatever the clock says.
    fn follow_clock(&mut self, now: WallTime) {
        let before = std::mem::replace(&mut self.now, now);
        if now < before {
            let shift = |since: &mut WallTime| *since = since.plus_micros(now.micros_since(before));
            self.empty_since.iter_mut().for_each(shift);
        }
    }

    fn is_known(&self, settings: &PresenceSettings) -> bool {
        !settings.devices.is_empty() && self.home.len() == settings.devices.len()
    }

    /// How it stands.
    pub fn view(&self, settings: &PresenceSettings) -> PresenceView {
        let home = self.home.iter().filter(|(_, is_home)| **is_home).map(|(device, _)| *device);
        PresenceView {
            is_known: self.is_known(settings),
            home: home.collect(),
            empty_since: self.empty_since,
        }
    }
}

fn is_over(since: WallTime, now: WallTime, settings: &PresenceSettings) -> bool {
    now.micros_since(since) >= i64::from(settings.empty_minutes) * 60_000_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phone(number: u8) -> DeviceId {
        DeviceId::from_bytes([number; 16])
    }

    fn settings() -> PresenceSettings {
        let devices = [phone(1), phone(2)].into();
        PresenceSettings { devices, when_empty: WhenEmpty::Tell, ..PresenceSettings::default() }
    }

    fn at(minute: i64) -> WallTime {
        WallTime::from_micros(minute * 60_000_000)
    }

    fn seen(all: &[(u8, bool)]) -> BTreeMap<DeviceId, bool> {
        all.iter().map(|(number, is_home)| (phone(*number), *is_home)).collect()
    }

    #[test]
    fn an_absence_is_told_once_and_so_is_its_end() {
        let mut presence = Presence::default();
        let mut step = |minute, all: &[(u8, bool)], is_disarmed| {
            presence.step(at(minute), &settings(), &seen(all), is_disarmed)
        };
        let away = &[(1, false), (2, false)];
        assert_eq!(step(0, &[(1, false)], true), None);
        assert_eq!(step(60, &[(1, false)], true), None, "nobody knows of the other one");
        assert_eq!(step(61, away, true), None);
        assert_eq!(step(75, away, true), None);
        assert_eq!(step(76, away, true), Some(PresenceEvent::Emptied));
        assert_eq!(step(300, away, true), None);
        assert_eq!(step(301, &[(1, false), (2, true)], true), Some(PresenceEvent::Returned));
        assert_eq!(step(302, away, true), None);
        assert_eq!(step(310, &[(1, true)], true), None, "too short to be told");
        assert_eq!(step(311, away, false), None);
        assert_eq!(step(400, away, false), None, "it is armed already");
        assert_eq!(step(401, away, true), None, "whoever disarms has no phone with them");
        assert_eq!(step(900, away, true), None);
        assert_eq!(step(901, &[(1, true)], true), Some(PresenceEvent::Returned));
    }

    #[test]
    fn a_restart_and_a_clock_that_steps_conclude_nothing() {
        let away = seen(&[(1, false), (2, false)]);
        let mut presence = Presence::default();
        presence.step(at(100), &settings(), &away, true);
        // An hour back: ten minutes were over, and five are left.
        assert_eq!(presence.step(at(50), &settings(), &away, true), None);
        assert_eq!(presence.step(at(64), &settings(), &away, true), None);
        assert_eq!(presence.step(at(65), &settings(), &away, true), Some(PresenceEvent::Emptied));
        let mut again = Presence::new(presence.is_settled());
        assert_eq!(again.view(&settings()), PresenceView::default());
        assert_eq!(again.step(at(70), &settings(), &away, true), None);
        assert_eq!(again.step(at(700), &settings(), &away, true), None, "it was told before");
    }

    #[test]
    fn a_device_that_is_not_chosen_any_more_does_not_count() {
        let mut presence = Presence::default();
        presence.step(at(0), &settings(), &seen(&[(1, true), (2, false), (3, true)]), true);
        assert_eq!(presence.view(&settings()).home, [phone(1)]);
        let other = PresenceSettings { devices: [phone(2)].into(), ..settings() };
        assert_eq!(presence.step(at(1), &other, &seen(&[(1, true), (2, false)]), true), None);
        let view = presence.view(&other);
        assert!(view.is_known && view.home.is_empty() && view.empty_since == Some(at(1)));
        let nobody = PresenceSettings { devices: BTreeSet::new(), ..settings() };
        assert_eq!(presence.step(at(500), &nobody, &seen(&[(1, false)]), true), None);
        assert!(!presence.view(&nobody).is_known);
    }

    #[test]
    fn minutes_and_devices_have_limits() {
        let minutes = |empty_minutes| PresenceSettings { empty_minutes, ..settings() }.is_sound();
        assert!(minutes(5) && minutes(240) && !minutes(4) && !minutes(241));
        let many = (0..33).map(|_| DeviceId::new()).collect();
        assert!(!PresenceSettings { devices: many, ..settings() }.is_sound());
    }

    proptest! {
        /// Whatever devices and people do: nothing is concluded while somebody is at home, before
        /// everything is known, too early, or while the alarm is set; and of each absence once.
        #[test]
        fn an_empty_house_is_never_made_up(
            steps in prop::collection::vec(
                (1_i64..40, prop::option::of((1_u8..=3, any::<bool>())), any::<bool>()), 1..80,
            ),
        ) {
            let (mut presence, settings) = (Presence::default(), settings());
            let (mut now, mut known) = (0, BTreeMap::new());
            let (mut empty_since, mut is_told) = (None, false);
            for (minutes, said, is_disarmed) in steps {
                now += minutes;
                known.extend(said.filter(|(number, _)| *number < 3));
                let all: Vec<(u8, bool)> = known.iter().map(|(n, is)| (*n, *is)).collect();
                let event = presence.step(at(now), &settings, &seen(&all), is_disarmed);
                if known.len() == 2 && known.values().all(|is_home| !is_home) {
                    let since = *empty_since.get_or_insert(now);
                    if event.is_some() {
                        prop_assert_eq!(event, Some(PresenceEvent::Emptied));
                        prop_assert!(is_disarmed && !is_told && now - since >= 15);
                        is_told = true;
                    }
                } else {
                    let was_long = empty_since.is_some_and(|since| now - since >= 15);
                    prop_assert_eq!(event, was_long.then_some(PresenceEvent::Returned));
                    (empty_since, is_told) = (None, false);
                }
            }
        }
    }
}
