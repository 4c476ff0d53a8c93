//! Many lines of one kind become one line that counts them, so that nobody fills the disk by being
//! refused, and a page full of pictures is one line and not fifty. Pure.
//!
//! Refusals and failures: of one address (one /64 of IPv6), party and class, the first few of a
//! minute are written one by one, and the rest as one line at the end of that minute. Views that
//! succeed: the same view of the same party, once in ten minutes; begin and end of watching live, twenty
//! times. Whatever changes something, or
//! takes footage out of the house, is always written by itself.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
};

use hearth_model::WallTime;

use crate::entry::{Actor, ActorKind, Class, Entry, Origin, Outcome};

/// Refusals of one party that are written one by one in a window.
const REFUSED_EACH: u64 = 10;

/// Begins, and ends, of watching one camera that are written one by one in a window: somebody who
/// looks at one camera after the other, and not a page that asks again and again.
const LASTING_EACH: u64 = 20;

/// Refusals of all parties that are written one by one in a window. With the limit on parties it
/// bounds what somebody who is never let in can write: 200 lines of 500 bytes a minute, 144 MB a
/// day.
const REFUSED_ALL: u64 = 120;

/// Parties and kinds of refusal that are told apart in a window; the rest is counted together.
const REFUSED_KEYS_MAX: usize = 80;

/// Views that are told apart in a window: 16 cameras, each with ten kinds of view, for six people.
const VIEWS_KEYS_MAX: usize = 1_000;

const REFUSED_WINDOW_MICROS: i64 = 60_000_000;
const VIEWS_WINDOW_MICROS: i64 = 600_000_000;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Refused {
        from: Origin,
        who: Actor,
        class: Class,
        result: Outcome,
    },
    View {
        from: Origin,
        who: Actor,
        action: String,
        what: BTreeMap<String, String>,
        detail: Option<String>,
    },
    Rest {
        class: Class,
        result: Outcome,
    },
}

struct Row {
    since: WallTime,
    /// How many came, the written ones included.
    seen: u64,
    written: u64,
    sample: Entry,
}

/// Lines that were held back and counted.
#[derive(Default)]
pub(crate) struct Flood {
    rows: HashMap<Key, Row>,
    /// Refusals written one by one since then.
    refused: (WallTime, u64),
}

impl Flood {
    /// The line, if it is to be written by itself.
    pub(crate) fn admit(&mut self, entry: Entry) -> Option<Entry> {
        let refused = entry.result != Outcome::Ok && entry.class != Class::Security;
        if !refused && entry.class != Class::View {
            return Some(entry);
        }
        let key = self.key(&entry, refused);
        let each = match refused {
            true => REFUSED_EACH,
            false if entry.is_lasting() => LASTING_EACH,
            false => 1,
        };
        if is_over(self.refused.0, REFUSED_WINDOW_MICROS, entry.at) {
            self.refused = (entry.at, 0);
        }
        let has_budget = !refused || self.refused.1 < REFUSED_ALL;
        let row = self.rows.entry(key).or_insert_with(|| Row {
            since: entry.at,
            seen: 0,
            written: 0,
            sample: entry.clone(),
        });
        row.seen += 1;
        if row.written >= each || !has_budget {
            return None;
        }
        row.written += 1;
        self.refused.1 += u64::from(refused);
        Some(entry)
    }

    /// What was counted in windows that are over at `now`; with `now` absent, in all.
    pub(crate) fn due(&mut self, now: Option<WallTime>) -> Vec<Entry> {
        let mut due = Vec::new();
        self.rows.retain(|key, row| {
            let window = match key {
                Key::View { .. } => VIEWS_WINDOW_MICROS,
                Key::Refused { .. } | Key::Rest { .. } => REFUSED_WINDOW_MICROS,
            };
            if now.is_some_and(|now| !is_over(row.since, window, now)) {
                return true;
            }
            due.extend(counted(key, row, now, window));
            false
        });
        due.sort_by_key(|entry| entry.at);
        due
    }

    fn key(&self, entry: &Entry, refused: bool) -> Key {
        let Entry { class, result, who, action, what, detail, .. } = entry;
        let key = if refused {
            let from = network(entry.from);
            Key::Refused { from, who: who.clone(), class: *class, result: *result }
        } else {
            let (action, what, detail) = (action.clone(), what.clone(), detail.clone());
            Key::View { from: entry.from, who: who.clone(), action, what, detail }
        };
        let limit = if refused { REFUSED_KEYS_MAX } else { VIEWS_KEYS_MAX };
        let is_same_kind = |key: &&Key| matches!(key, Key::View { .. }) != refused;
        let is_known = self.rows.contains_key(&key);
        if is_known || self.rows.keys().filter(is_same_kind).count() < limit {
            key
        } else {
            Key::Rest { class: *class, result: *result }
        }
    }
}

/// A window is over after its time, and when the clock was set back before it.
fn is_over(since: WallTime, window: i64, now: WallTime) -> bool {
    !(0..window).contains(&now.micros_since(since))
}

fn counted(key: &Key, row: &Row, now: Option<WallTime>, window: i64) -> Option<Entry> {
    let more = row.seen.saturating_sub(row.written);
    if more == 0 {
        return None;
    }
    let mut entry = row.sample.clone();
    let end = row.since.plus_micros(window);
    entry.at = now.map_or(end, |now| if now < row.since { now } else { now.min(end) });
    entry.more = more;
    entry.duration_ms = None;
    let minutes = window / 60_000_000;
    let within = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    if let Key::Rest { .. } = key {
        entry.from = Origin::Many;
        entry.who = Actor::of(ActorKind::Nobody);
    }
    if !matches!(key, Key::View { .. }) {
        entry.what.clear();
    }
    entry.detail = Some(format!("and {more} more like this from {} within {within}", entry.from));
    Some(entry)
}

/// Of IPv6, one line is a whole /64: that is what one household or one attacker has.
fn network(origin: Origin) -> Origin {
    match origin {
        Origin::Address(IpAddr::V6(address)) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            Origin::Address(IpAddr::V6(Ipv6Addr::from(prefix)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn at(micros: i64) -> WallTime {
        WallTime::from_micros(1_000_000_000_000 + micros)
    }

    fn refused(from: [u8; 4], micros: i64) -> Entry {
        let (who, from) = (Actor::of(ActorKind::Nobody), Origin::Address(from.into()));
        Entry::new(at(micros), Class::View, "get_cameras", who, from, Outcome::Denied)
    }

    /// promise: V-17. Somebody who is refused again and again fills lines with a count, not the
    /// disk; what is counted is still told.
    #[test]
    fn a_flood_of_refusals_becomes_a_count() {
        let mut flood = Flood::default();
        let written =
            (0..422).filter_map(|n| flood.admit(refused([10, 0, 0, 5], n * 1000))).count();
        assert_eq!(written, 10);
        assert!(flood.due(Some(at(MINUTE - 1))).is_empty(), "the minute is not over");
        let due = flood.due(Some(at(MINUTE)));
        assert_eq!(due.len(), 1, "one line");
        let line = &due[0];
        assert_eq!(line.more, 412);
        let detail = line.detail.as_deref().expect("a detail");
        assert_eq!(detail, "and 412 more like this from 10.0.0.5 within a minute");
        assert!(flood.due(None).is_empty(), "told once");
    }

    /// promise: V-17. Many addresses write no more than a bounded number of lines either.
    #[test]
    fn a_flood_from_everywhere_is_bounded_too() {
        let mut flood = Flood::default();
        let mut lines = 0;
        let mut told = 0;
        for n in 0..60_000_u32 {
            let [_, _, third, last] = n.to_be_bytes();
            if let Some(entry) = flood.admit(refused([10, 0, third, last], i64::from(n) * 10)) {
                lines += 1;
                told += 1 + entry.more;
            }
        }
        for entry in flood.due(None) {
            lines += 1;
            told += entry.more;
        }
        assert_eq!(told, 60_000, "every one is counted");
        assert!(lines <= 120 + 80 + 1, "{lines}");
    }

    #[test]
    fn the_same_view_is_told_once_in_ten_minutes_and_each_other_view_by_itself() {
        let mut flood = Flood::default();
        let view = |camera: &str, minute: i64| {
            let who = Actor::named(ActorKind::User, "usr_1", "anna");
            let from = Origin::Address([192, 0, 2, 7].into());
            let at = at(minute * MINUTE);
            Entry::new(at, Class::View, "clip", who, from, Outcome::Ok).about("camera", camera)
        };
        assert!(flood.admit(view("a", 0)).is_some());
        assert!(flood.admit(view("b", 0)).is_some());
        assert!(flood.admit(view("a", 1)).is_none());
        assert!(flood.due(Some(at(9 * MINUTE))).is_empty());
        let due = flood.due(Some(at(11 * MINUTE)));
        assert_eq!(due.iter().map(|entry| entry.more).collect::<Vec<_>>(), [1]);
        assert_eq!(due[0].what["camera"], "a");
        assert!(flood.admit(view("a", 12)).is_some(), "a new window");
    }

    /// promise: V-17. What changes something is never held back.
    #[test]
    fn changes_and_exports_are_always_written() {
        let mut flood = Flood::default();
        for class in [Class::Export, Class::Control, Class::Configure, Class::Key, Class::Person] {
            let who = Actor::of(ActorKind::Owner);
            let entry = Entry::new(at(0), class, "change", who, Origin::ControlSocket, Outcome::Ok);
            assert!((0..100).all(|_| flood.admit(entry.clone()).is_some()), "{class:?}");
        }
        assert!(flood.due(None).is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_ends_the_window() {
        let mut flood = Flood::default();
        for _ in 0..20 {
            flood.admit(refused([10, 0, 0, 5], 0));
        }
        assert_eq!(flood.due(Some(at(-MINUTE))).len(), 1);
    }
}
