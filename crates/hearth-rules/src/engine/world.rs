//! How things stand, as far as the engine was told.

use std::collections::BTreeMap;

use hearth_model::{DeviceId, EventId, EventKind, WallTime, ZoneId};

use crate::{
    Happens, Mode, Stays, Value,
    fact::{Fact, FactBody, Happening},
    known::Groups,
    matching::Maybe,
};

/// Devices that are remembered: many times what a house has.
const DEVICES_MAX: usize = 512;

/// Controls and readings of a device that are remembered.
const NAMES_MAX: usize = 64;

/// Activities that go on at one time: 32 cameras with 8 each.
const PRESENCES_MAX: usize = 256;

/// An activity whose end was not told is taken to be over after an hour.
const PRESENCE_MICROS_MAX: i64 = 3_600 * 1_000_000;

/// A reading older than this says nothing: the slowest devices measure every ten minutes.
const READING_MICROS_MAX: i64 = 30 * 60 * 1_000_000;

/// Something known, since when, and from which fact.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Told<T> {
    pub(super) is: T,
    pub(super) at: WallTime,
    pub(super) event: Option<EventId>,
}

/// An activity that goes on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Presence {
    happening: Happening,
    since: WallTime,
    /// Since when it is in each zone.
    zones: BTreeMap<ZoneId, WallTime>,
}

/// Everything that holds.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct World {
    mode: Option<Told<Mode>>,
    controls: BTreeMap<DeviceId, BTreeMap<String, Told<Value>>>,
    readings: BTreeMap<DeviceId, BTreeMap<String, Told<f64>>>,
    presences: BTreeMap<EventId, Presence>,
}

impl World {
    /// Takes note of a fact. Gives what was known before of the activity that it is about.
    pub(super) fn see(&mut self, now: WallTime, fact: &Fact) -> Option<Happening> {
        let event = fact.event;
        let mut before = None;
        match &fact.body {
            FactBody::Mode(mode) => self.mode = Some(Told { is: *mode, at: now, event }),
            FactBody::Control { device, control, value } => {
                let told = Told { is: value.clone(), at: now, event };
                remember(&mut self.controls, *device, control, told);
            }
            FactBody::Reading { device, reading, value } if value.is_finite() => {
                let told = Told { is: *value, at: now, event };
                remember(&mut self.readings, *device, reading, told);
            }
            FactBody::Reading { .. } | FactBody::Tick => {}
            FactBody::Silent { device } => {
                self.controls.remove(device);
                self.readings.remove(device);
            }
            FactBody::Happened(happening) => before = self.see_activity(now, happening),
        }
        let oldest = now.plus_micros(-PRESENCE_MICROS_MAX);
        self.presences.retain(|_, presence| presence.since > oldest);
        before
    }

    fn see_activity(&mut self, now: WallTime, happening: &Happening) -> Option<Happening> {
        let activity = happening.activity?;
        match happening.kind {
            EventKind::ActivityEnded => {
                self.presences.remove(&activity);
                None
            }
            EventKind::ActivityNoticed | EventKind::ActivityRecognized => {
                let is_new = !self.presences.contains_key(&activity);
                if is_new && self.presences.len() >= PRESENCES_MAX {
                    // Ids are ordered by time: the oldest is the likeliest to be over.
                    self.presences.pop_first();
                }
                let fresh =
                    Presence { happening: happening.clone(), since: now, zones: BTreeMap::new() };
                let presence = self.presences.entry(activity).or_insert(fresh);
                let before = std::mem::replace(&mut presence.happening, happening.clone());
                for zone in &happening.zones {
                    presence.zones.entry(*zone).or_insert(now);
                }
                (!is_new).then_some(before)
            }
            _ => None,
        }
    }

    pub(super) fn mode(&self) -> Option<&Told<Mode>> {
        self.mode.as_ref()
    }

    pub(super) fn control(&self, device: DeviceId, control: &str) -> Option<&Told<Value>> {
        self.controls.get(&device)?.get(control)
    }

    /// A reading, unless it is old.
    pub(super) fn reading(
        &self,
        device: DeviceId,
        reading: &str,
        now: WallTime,
    ) -> Option<&Told<f64>> {
        let told = self.readings.get(&device)?.get(reading)?;
        (now.micros_since(told.at) <= READING_MICROS_MAX).then_some(told)
    }

    /// Whether something stays, and which activity it is.
    pub(super) fn stays(
        &self,
        test: &Stays,
        groups: &Groups,
        now: WallTime,
    ) -> (Maybe, Option<(EventId, WallTime)>) {
        let long = now.plus_micros(-i64::from(test.for_seconds) * 1_000_000);
        let mut is_unsure = false;
        for (id, presence) in &self.presences {
            let since = presence.since_as(&test.of);
            if since.is_none_or(|since| since > long) {
                continue;
            }
            match test.of.fits(&presence.happening, groups) {
                Some(true) => return (Some(true), Some((*id, presence.since))),
                Some(false) => {}
                None => is_unsure = true,
            }
        }
        ((!is_unsure).then_some(false), None)
    }

    /// No time that is remembered lies in the future.
    pub(super) fn clock_went_back(&mut self, now: WallTime) {
        let clamp = |at: &mut WallTime| *at = now.min(*at);
        self.mode.iter_mut().for_each(|told| clamp(&mut told.at));
        self.controls.values_mut().flat_map(BTreeMap::values_mut).for_each(|t| clamp(&mut t.at));
        self.readings.values_mut().flat_map(BTreeMap::values_mut).for_each(|t| clamp(&mut t.at));
        for presence in self.presences.values_mut() {
            clamp(&mut presence.since);
            presence.zones.values_mut().for_each(clamp);
        }
    }
}

impl Presence {
    /// Since when it is there, or in one of the zones that are asked for.
    fn since_as(&self, of: &Happens) -> Option<WallTime> {
        if of.zones.is_empty() {
            return Some(self.since);
        }
        of.zones.iter().filter_map(|zone| self.zones.get(zone)).min().copied()
    }
}

/// What does not fit is not remembered, and so is not known.
fn remember<T>(
    all: &mut BTreeMap<DeviceId, BTreeMap<String, Told<T>>>,
    device: DeviceId,
    name: &str,
    told: Told<T>,
) {
    if !all.contains_key(&device) && all.len() >= DEVICES_MAX {
        return;
    }
    let of_device = all.entry(device).or_default();
    if of_device.contains_key(name) || of_device.len() < NAMES_MAX {
        of_device.insert(name.to_owned(), told);
    }
}
