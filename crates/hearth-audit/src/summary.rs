//! The security summary of a day, counted from the audit log. Pure. promise: D-29.

use std::collections::BTreeMap;

use hearth_model::WallTime;

use crate::entry::{Category, Class, Outcome, Recorded};

/// Parties named in a summary: those with the most lines.
const PARTIES_MAX: usize = 10;

/// Summaries kept: a quarter of a year.
pub const SUMMARIES_MAX: usize = 92;

/// What a party did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct PartyCount {
    /// Name of an account, an address where nobody was signed in, or the word for another party.
    pub party: String,
    /// Lines about it.
    pub entries: u64,
}

/// What happened on a day.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct DaySummary {
    /// The day in the house's time zone, e.g. `2026-11-22`.
    pub day: String,
    /// Its first instant.
    pub from: WallTime,
    /// The first instant after it, or of counting.
    pub to: WallTime,
    /// Sign-ins that worked.
    pub sign_ins: u64,
    /// Sign-ins that did not.
    pub failed_sign_ins: u64,
    /// Requests that were refused.
    pub denied: u64,
    /// Views of live pictures, footage and lists.
    pub views: u64,
    /// Footage taken out of the house.
    pub exports: u64,
    /// Devices moved or switched.
    pub controls: u64,
    /// Settings changed.
    pub changes: u64,
    /// Use of keys, tokens and backups.
    pub key_uses: u64,
    /// Accesses to people's data.
    pub person_accesses: u64,
    /// Incidents opened.
    pub incidents_opened: u64,
    /// Incidents not resolved at its end.
    pub incidents_unresolved: u64,
    /// Whether the audit log was whole at its end; absent if it was not checked.
    pub audit_ok: Option<bool>,
    /// Who did most.
    pub parties: Vec<PartyCount>,
}

/// Counts a day.
#[derive(Debug, Default)]
pub struct DayCount {
    summary: DaySummary,
    parties: BTreeMap<String, u64>,
}

impl DayCount {
    /// Of a day.
    pub fn new(day: String, from: WallTime, to: WallTime) -> Self {
        let summary = DaySummary { day, from, to, ..DaySummary::default() };
        Self { summary, parties: BTreeMap::new() }
    }

    /// Counts a line, and those it stands for.
    pub fn count(&mut self, Recorded { entry, .. }: &Recorded) {
        // A line that counts others has its first ones beside it.
        let times = if entry.more > 0 { entry.more } else { 1 };
        let day = &mut self.summary;
        let counter = match (entry.category, entry.class, entry.result) {
            (Category::Authentication, _, Outcome::Ok) if entry.action.starts_with("sign_in") => {
                &mut day.sign_ins
            }
            (Category::Authentication, _, Outcome::Denied) => &mut day.failed_sign_ins,
            (Category::Authentication, ..) => return,
            (Category::Authorization, ..) => &mut day.denied,
            (_, Class::View, _) => &mut day.views,
            (_, Class::Export, _) => &mut day.exports,
            (_, Class::Control, _) => &mut day.controls,
            (_, Class::Configure, _) => &mut day.changes,
            (_, Class::Key, _) => &mut day.key_uses,
            (_, Class::Person, _) => &mut day.person_accesses,
            (_, Class::Security, _) if entry.action == "incident_opened" => {
                &mut day.incidents_opened
            }
            _ => return,
        };
        *counter = counter.saturating_add(times);
        let who = &entry.who;
        let nobody = || match who.kind {
            crate::ActorKind::Nobody => entry.from.to_string(),
            kind => kind.name().to_owned(),
        };
        let party = who.name.clone().unwrap_or_else(nobody);
        let entries = self.parties.entry(party).or_default();
        *entries = entries.saturating_add(times);
    }

    /// The summary, with what the log does not say.
    pub fn finish(self, incidents_unresolved: u64, audit_ok: Option<bool>) -> DaySummary {
        let parties = self.parties.into_iter();
        let mut parties: Vec<PartyCount> =
            parties.map(|(party, entries)| PartyCount { party, entries }).collect();
        parties.sort_by(|a, b| b.entries.cmp(&a.entries).then_with(|| a.party.cmp(&b.party)));
        parties.truncate(PARTIES_MAX);
        DaySummary { incidents_unresolved, audit_ok, parties, ..self.summary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, ActorKind, Entry, Origin};

    fn line(class: Class, action: &str, result: Outcome, more: u64) -> Recorded {
        let who = match result {
            Outcome::Ok => Actor::named(ActorKind::User, "usr_1", "anna"),
            _ => Actor::of(ActorKind::Nobody),
        };
        let from = Origin::Address([192, 0, 2, 7].into());
        let entry = Entry::new(WallTime::default(), class, action, who, from, result);
        Recorded { seq: 1, entry: Entry { more, ..entry } }
    }

    /// promise: D-29. The summary of a day counts what happened, counted lines included, and names
    /// who did most.
    #[test]
    fn a_day_is_counted() {
        let mut day =
            DayCount::new("2026-11-22".to_owned(), WallTime::default(), WallTime::default());
        day.count(&line(Class::SignIn, "sign_in", Outcome::Ok, 0));
        day.count(&line(Class::SignIn, "sign_out", Outcome::Ok, 0));
        day.count(&line(Class::SignIn, "sign_in", Outcome::Denied, 0));
        day.count(&line(Class::SignIn, "sign_in", Outcome::Denied, 411));
        day.count(&line(Class::View, "get_cameras", Outcome::Denied, 0));
        day.count(&line(Class::View, "get_cameras", Outcome::Ok, 0));
        day.count(&line(Class::Export, "clip", Outcome::Ok, 0));
        let day = day.finish(2, Some(true));
        assert_eq!((day.sign_ins, day.failed_sign_ins, day.denied), (1, 412, 1));
        assert_eq!((day.views, day.exports, day.incidents_unresolved), (1, 1, 2));
        let parties: Vec<_> = day.parties.iter().map(|p| (p.party.as_str(), p.entries)).collect();
        assert_eq!(parties, [("192.0.2.7", 413), ("anna", 3)]);
    }
}
