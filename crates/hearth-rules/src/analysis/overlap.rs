//! How two descriptions of what happens lie to each other.

use hearth_model::EventKind;

use crate::{Happens, WhoIs};

/// The kinds of facts that say what was seen, how surely and in which zones.
const OF_ACTIVITY: [EventKind; 3] =
    [EventKind::ActivityNoticed, EventKind::ActivityRecognized, EventKind::ActivityEnded];

/// The kinds of facts that say what a device noticed.
const OF_NOTICES: [EventKind; 1] = [EventKind::DeviceNoticed];

/// Whether anything can be so.
pub(super) fn is_possible(of: &Happens) -> bool {
    let (low, high) = confidence(of);
    let is_among = |kinds: &[EventKind]| {
        of.kinds.is_empty() || of.kinds.iter().any(|kind| kinds.contains(kind))
    };
    let needs_activity = !of.labels.is_empty()
        || !of.zones.is_empty()
        || of.confidence_min.or(of.confidence_max).is_some();
    low <= high
        && (!needs_activity || is_among(&OF_ACTIVITY))
        && (of.what.is_empty() || is_among(&OF_NOTICES))
        && (of.what.is_empty() || !needs_activity)
}

/// Whether one thing can be both.
pub(super) fn overlaps(one: &Happens, other: &Happens) -> bool {
    let ((low, high), (other_low, other_high)) = (confidence(one), confidence(other));
    let both = Happens { kinds: common(&one.kinds, &other.kinds), ..one.clone() };
    lists_meet(&one.kinds, &other.kinds)
        && lists_meet(&one.cameras, &other.cameras)
        && lists_meet(&one.labels, &other.labels)
        && lists_meet(&one.devices, &other.devices)
        && lists_meet(&one.what, &other.what)
        && low.max(other_low) <= high.min(other_high)
        && (one.direction.is_none()
            || other.direction.is_none()
            || one.direction == other.direction)
        && who_meets(one.who.as_ref(), other.who.as_ref())
        && is_possible(&both)
        && is_possible(&Happens { kinds: both.kinds, ..other.clone() })
}

/// Whether everything that is the second is the first too.
pub(super) fn covers(wide: &Happens, narrow: &Happens) -> bool {
    let ((low, high), (narrow_low, narrow_high)) = (confidence(wide), confidence(narrow));
    let details = wide.details.iter().all(|detail| narrow.details.contains(detail));
    let scored = wide.confidence_min.or(wide.confidence_max).is_none()
        || narrow.confidence_min.or(narrow.confidence_max).is_some();
    list_covers(&wide.kinds, &narrow.kinds)
        && list_covers(&wide.cameras, &narrow.cameras)
        && list_covers(&wide.labels, &narrow.labels)
        && list_covers(&wide.devices, &narrow.devices)
        && list_covers(&wide.what, &narrow.what)
        // Something can be in several zones, so one of few is no proof for one of others.
        && list_covers(&wide.zones, &narrow.zones)
        && (wide.direction.is_none() || wide.direction == narrow.direction)
        && who_covers(wide.who.as_ref(), narrow.who.as_ref())
        && scored
        && low <= narrow_low
        && narrow_high <= high
        && details
}

fn confidence(of: &Happens) -> (u8, u8) {
    (of.confidence_min.unwrap_or(0), of.confidence_max.unwrap_or(100))
}

fn common<T: PartialEq + Clone>(one: &[T], other: &[T]) -> Vec<T> {
    match (one, other) {
        ([], list) | (list, []) => list.to_vec(),
        (one, other) => one.iter().filter(|entry| other.contains(entry)).cloned().collect(),
    }
}

fn lists_meet<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|entry| other.contains(entry))
}

fn list_covers<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|entry| wide.contains(entry)))
}

fn who_meets(one: Option<&WhoIs>, other: Option<&WhoIs>) -> bool {
    match (one, other) {
        (Some(WhoIs::People(one)), Some(WhoIs::People(other))) => lists_meet(one, other),
        (Some(one), Some(other)) => is_known(one) && is_known(other) || one == other,
        _ => true,
    }
}

fn is_known(who: &WhoIs) -> bool {
    matches!(who, WhoIs::People(_) | WhoIs::Group(_) | WhoIs::Known)
}

fn who_covers(wide: Option<&WhoIs>, narrow: Option<&WhoIs>) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(WhoIs::People(wide)), Some(WhoIs::People(narrow))) => list_covers(wide, narrow),
        (Some(WhoIs::Known), Some(narrow)) => is_known(narrow),
        (Some(wide), Some(narrow)) => wide == narrow,
        (Some(_), None) => false,
    }
}
