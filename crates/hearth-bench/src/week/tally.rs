//! What became of who came, against who it was. Pure.

use std::collections::{BTreeMap, BTreeSet};

use hearth_sim::Visit;
use serde_json::{Value, json};

use crate::{figures::Goal, people::Person};

/// One appearance and everything that came of it.
pub(super) struct Case<'a> {
    pub(super) who: Vec<&'a Person>,
    /// How they looked.
    pub(super) shown: &'a Visit,
    pub(super) rang: bool,
    /// What the hub keeps of it; usually one visit.
    pub(super) visits: &'a [Value],
    /// What was told of each visit, oldest first.
    pub(super) titles: Vec<Vec<String>>,
    /// Whether the footage of each visit is there.
    pub(super) clips: Vec<bool>,
}

/// How one person fared.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    is_known: bool,
    came: u64,
    named: u64,
}

/// All appearances.
#[derive(Default)]
pub(super) struct Tally {
    /// Everybody who may be named.
    names: BTreeSet<String>,
    people: BTreeMap<String, Row>,
    appearances: u64,
    missed: u64,
    /// Visits beyond the first one of an appearance.
    split: u64,
    wrong_trigger: u64,
    named_right: u64,
    strangers_unknown: u64,
    /// Strangers who were noticed, but not their face.
    strangers_unseen: u64,
    false_names: u64,
    not_recognised: BTreeMap<&'static str, u64>,
    clips_missing: u64,
    messages: u64,
    messages_missing: u64,
    messages_wrong: u64,
    /// Appearances in which somebody known was not named, in short.
    unnamed: Vec<Value>,
    to_look_into: Vec<Value>,
}

impl Case<'_> {
    fn faces(&self) -> impl Iterator<Item = &Value> {
        self.visits.iter().flat_map(faces_of)
    }

    /// Names that the hub gave.
    fn named(&self) -> BTreeSet<&str> {
        self.faces().filter_map(|face| face["name"].as_str()).collect()
    }

    fn has(&self, decision: &str) -> bool {
        self.faces().any(|face| face["decision"] == decision)
    }

    /// Why somebody known who came was not named.
    fn reason(&self) -> &'static str {
        match () {
            () if self.visits.is_empty() => "missed",
            () if self.has("unknown") => "unknown",
            () if self.has("poor_view") => "poor_view",
            () => "no_face",
        }
    }
}

fn faces_of(visit: &Value) -> impl Iterator<Item = &Value> {
    visit["faces"].as_array().into_iter().flatten()
}

impl Tally {
    pub(super) fn new(people: &[Person]) -> Self {
        let row =
            |one: &Person| (one.name.clone(), Row { is_known: one.is_known(), ..Row::default() });
        let known = people.iter().filter(|one| one.is_known());
        Self {
            names: known.map(|one| one.name.clone()).collect(),
            people: people.iter().map(row).collect(),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, case: &Case<'_>) {
        self.appearances += 1;
        let faults_before = self.faults();
        self.add_faces(case);
        self.missed += u64::from(case.visits.is_empty());
        self.split += case.visits.len().saturating_sub(1) as u64;
        let rang = case.visits.iter().any(|visit| visit["trigger"] != "approach");
        self.wrong_trigger += u64::from(!case.visits.is_empty() && rang != case.rang);
        self.clips_missing += case.clips.iter().filter(|is_there| !**is_there).count() as u64;
        for (visit, titles) in case.visits.iter().zip(&case.titles) {
            self.add_messages(case, visit, titles);
        }
        if self.faults() > faults_before {
            self.to_look_into.push(json!({
                "who": case.who.iter().map(|person| &person.name).collect::<Vec<_>>(),
                "shown": case.shown, "rang": case.rang, "visits": case.visits,
                "told": case.titles, "clips": case.clips,
            }));
        }
    }

    fn add_faces(&mut self, case: &Case<'_>) {
        let named = case.named();
        let came: BTreeSet<&str> = case.who.iter().map(|person| person.name.as_str()).collect();
        let is_right = |name: &&str| came.contains(name) && self.names.contains(*name);
        self.false_names += named.iter().filter(|name| !is_right(name)).count() as u64;
        let has_unknown = case.has("unknown") || case.has("poor_view");
        for person in &case.who {
            let is_named = named.contains(person.name.as_str());
            let row = self.people.entry(person.name.clone()).or_default();
            row.came += 1;
            row.named += u64::from(is_named);
            match (person.is_known(), is_named) {
                (true, true) => self.named_right += 1,
                (true, false) => {
                    *self.not_recognised.entry(case.reason()).or_default() += 1;
                    self.unnamed.push(json!({
                        "who": person.name, "reason": case.reason(), "of": case.who.len(),
                        "shown": case.shown.people, "faces": case.faces().collect::<Vec<_>>(),
                    }));
                }
                (false, false) if has_unknown => self.strangers_unknown += 1,
                (false, false) if case.visits.is_empty() => {}
                (false, _) => self.strangers_unseen += 1,
            }
        }
    }

    /// Whoever was told of a visit knows in the end what the hub knows, and was never told of
    /// somebody who was not there.
    fn add_messages(&mut self, case: &Case<'_>, visit: &Value, titles: &[String]) {
        self.messages += titles.len() as u64;
        let Some(last) = titles.last() else {
            self.messages_missing += 1;
            return;
        };
        let of_visit: BTreeSet<&str> =
            faces_of(visit).filter_map(|face| face["name"].as_str()).collect();
        let is_told = |title: &str, name: &str| title.contains(name);
        let all_names = || self.names.iter().map(String::as_str);
        let is_whole = all_names().all(|name| is_told(last, name) == of_visit.contains(name));
        let has_others = faces_of(visit).any(|face| face["decision"] != "known");
        let says_others = last.to_lowercase().contains("somebody unknown");
        let rang = visit["trigger"] != "approach";
        let came = |name: &str| case.who.iter().any(|person| person.name == name);
        let is_true = |title: &String| all_names().all(|name| !is_told(title, name) || came(name));
        let is_right = is_whole
            && has_others == says_others
            && rang == last.contains(" ring")
            && titles.iter().all(is_true);
        self.messages_wrong += u64::from(!is_right);
    }

    fn faults(&self) -> u64 {
        self.missed
            + self.wrong_trigger
            + self.false_names
            + self.strangers_unseen
            + self.clips_missing
            + self.messages_missing
            + self.messages_wrong
    }

    pub(super) fn goals(&self) -> Vec<Goal> {
        let none = |name, count: u64| Goal::at_most(name, 0.0, count as f64);
        vec![
            none("false_names", self.false_names),
            none("visits_missed", self.missed),
            none("clips_missing", self.clips_missing),
            none("messages_missing", self.messages_missing),
            none("messages_wrong", self.messages_wrong),
        ]
    }

    pub(super) fn json(&self) -> Value {
        let people = self.people.iter().map(|(name, row)| {
            let Row { is_known, came, named } = row;
            (name.clone(), json!({ "known": is_known, "came": came, "named": named }))
        });
        json!({
            "visits": self.appearances,
            "visits_missed": self.missed,
            "visits_split": self.split,
            "trigger_wrong": self.wrong_trigger,
            "named_right": self.named_right,
            "strangers_unknown": self.strangers_unknown,
            "strangers_without_a_face": self.strangers_unseen,
            "false_names": self.false_names,
            "known_not_recognised": self.not_recognised,
            "known_not_recognised_when": self.unnamed,
            "clips_missing": self.clips_missing,
            "messages": self.messages,
            "messages_missing": self.messages_missing,
            "messages_wrong": self.messages_wrong,
            "people": people.collect::<serde_json::Map<_, _>>(),
            "to_look_into": self.to_look_into,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(who: &[&str], visit: &Value, titles: &[&str]) -> Tally {
        let people = [Person::somebody("Anna", true), Person::somebody("stranger", false)];
        let mut tally = Tally::new(&people);
        let came = people.iter().filter(|person| who.contains(&person.name.as_str()));
        tally.add(&Case {
            who: came.collect(),
            shown: &Visit { people: Vec::new(), seconds: 1.0 },
            rang: true,
            visits: std::slice::from_ref(visit),
            titles: vec![titles.iter().map(|title| (*title).to_owned()).collect()],
            clips: vec![true],
        });
        tally
    }

    fn visit(names: &[Option<&str>]) -> Value {
        let face = |name: &Option<&str>| json!({ "name": name, "decision": if name.is_some() { "known" } else { "unknown" } });
        json!({ "trigger": "button", "faces": names.iter().map(face).collect::<Vec<_>>() })
    }

    #[test]
    fn who_is_named_and_told_of_rightly_is_no_fault() {
        let both = visit(&[Some("Anna"), None]);
        let titles = ["Somebody rings", "Anna and somebody unknown ring"];
        let tally = tally_of(&["Anna", "stranger"], &both, &titles);
        assert_eq!((tally.faults(), tally.named_right, tally.strangers_unknown), (0, 1, 1));
    }

    #[test]
    fn a_stranger_with_a_name_is_a_false_name() {
        let tally = tally_of(&["stranger"], &visit(&[Some("Anna")]), &["Anna rings"]);
        assert_eq!((tally.false_names, tally.messages_wrong), (1, 1));
    }

    #[test]
    fn a_message_that_says_something_else_is_wrong() {
        let known = visit(&[Some("Anna")]);
        let wrong = |titles: &[&str]| tally_of(&["Anna"], &known, titles).messages_wrong;
        assert_eq!(wrong(&["Somebody unknown rings", "Anna rings"]), 0);
        assert_eq!(wrong(&["Anna rings", "Somebody unknown rings"]), 1);
        assert_eq!(wrong(&["Anna is at the door"]), 1);
        assert_eq!(tally_of(&["Anna"], &known, &[]).messages_missing, 1);
    }

    #[test]
    fn somebody_known_who_is_not_recognised_is_only_counted() {
        let tally = tally_of(&["Anna"], &visit(&[None]), &["Somebody unknown rings"]);
        assert_eq!((tally.faults(), tally.not_recognised.get("unknown")), (0, Some(&1)));
    }
}
