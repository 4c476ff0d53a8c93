//! Reads what happens: who or what, does what, where.

use hearth_model::{Direction, EventKind, Label};

use super::{
    cursor::Reader,
    writer::{SEEN, VERBS, VISITS, WAYS, rang},
};
use crate::{Absent, Comparison, Condition, Count, DetailIs, Happens, Stays, WhoIs};

/// A comparison with a text.
type OfText = fn(String) -> Comparison;

/// What somebody is to the detector.
const PERSON: &str = "person";

/// Whether a sentence says what it is that does something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Anybody at all.
    Anybody,
    /// It says.
    Said,
}

impl Reader<'_> {
    /// `somebody ... 3 times within 10 minutes`, `a person stays ... for 30 seconds`.
    pub(super) fn activity(&mut self) -> Option<Condition> {
        let mut of = Happens::default();
        let subject = self.subject(&mut of)?;
        if self.words("stays") {
            self.qualifiers(&mut of);
            let for_seconds = self.words("for").then(|| self.duration()).flatten()?;
            return Some(Condition::Stays(Stays { of, for_seconds }));
        }
        self.verb(&mut of, subject)?;
        self.qualifiers(&mut of);
        let counted = self.attempt(|this| {
            this.words("at least");
            let at_least = this.whole()?;
            let is_told = this.words("times") && this.any(&["within", "in"]);
            Some((at_least, is_told.then(|| this.duration()).flatten()?))
        });
        Some(match counted {
            Some((at_least, within_seconds)) => {
                Condition::Count(Count { of, at_least, within_seconds })
            }
            None => Condition::Happens(of),
        })
    }

    /// `for 10 minutes not once ...`, `no person is seen at the front door for 10 minutes`.
    pub(super) fn absent(&mut self) -> Option<Condition> {
        let mut of = Happens::default();
        if self.words("for") {
            let for_seconds = self.duration()?;
            self.words("not once").then_some(())?;
            let subject = self.subject(&mut of)?;
            self.verb(&mut of, subject)?;
            self.qualifiers(&mut of);
            return Some(Condition::Absent(Absent { of, for_seconds }));
        }
        self.words("no").then_some(())?;
        of.labels = self.list("or", Self::label);
        (!of.labels.is_empty()).then_some(())?;
        self.any(&["is seen", "was seen", "is noticed", "was noticed"]);
        of.kinds = SEEN.to_vec();
        self.qualifiers(&mut of);
        let for_seconds = self.words("for").then(|| self.duration()).flatten()?;
        Some(Condition::Absent(Absent { of, for_seconds }))
    }

    fn subject(&mut self, of: &mut Happens) -> Option<Subject> {
        if self.words("something") {
            return Some(Subject::Said);
        }
        let who = if self.any(&["an unknown person", "a stranger", "an unknown face"]) {
            Some(WhoIs::Stranger)
        } else if self.any(&["a known person", "somebody known", "someone known"]) {
            Some(WhoIs::Known)
        } else if self.any(&["a hidden person", "a person with a hidden face"]) {
            Some(WhoIs::FaceHidden)
        } else {
            self.attempt(|this| this.any(&["somebody", "someone"]).then(|| this.group()).flatten())
        };
        if who.is_some() {
            of.who = who;
            return Some(Subject::Said);
        }
        if self.any(&["somebody", "someone", "anybody", "anyone"]) {
            of.labels.extend(Label::new(PERSON));
            return Some(Subject::Anybody);
        }
        if let Some(people) = self.people() {
            of.who = Some(people);
            return Some(Subject::Said);
        }
        of.labels = self.list("or", |this| {
            this.any(&["a", "an"]);
            this.label()
        });
        (!of.labels.is_empty()).then_some(())?;
        of.who = self.attempt(|this| {
            this.words("who is").then_some(())?;
            if this.words("unknown") {
                return Some(WhoIs::Stranger);
            }
            if this.words("known") {
                return Some(WhoIs::Known);
            }
            if this.words("hidden") {
                return Some(WhoIs::FaceHidden);
            }
            this.group().or_else(|| this.people())
        });
        Some(Subject::Said)
    }

    fn group(&mut self) -> Option<WhoIs> {
        let groups = &self.known.groups;
        let all: Vec<_> = groups.iter().map(|one| (one.id, one.name.as_str())).collect();
        self.attempt(|this| {
            this.any(&["of", "from", "in"]).then(|| this.name(&all)).flatten().map(WhoIs::Group)
        })
    }

    fn people(&mut self) -> Option<WhoIs> {
        let people = &self.known.people;
        let all: Vec<_> = people.iter().map(|(id, name)| (*id, name.as_str())).collect();
        // Without an article: "a person" is nobody's name.
        let people = self.list("or", |this| this.bare_name(&all));
        (!people.is_empty()).then_some(WhoIs::People(people))
    }

    /// What is to be seen: in quotation marks any label, otherwise one that the detector knows.
    fn label(&mut self) -> Option<Label> {
        let quoted = self.attempt(|this| Label::new(&this.quoted()?));
        let known = &self.known.labels;
        quoted.or_else(|| {
            self.attempt(|this| {
                let label = Label::new(&this.word()?)?;
                let is_known =
                    known.contains(&label) || ["motion", PERSON].contains(&label.as_str());
                is_known.then_some(label)
            })
        })
    }

    fn verb(&mut self, of: &mut Happens, subject: Subject) -> Option<()> {
        if let Some((_, kinds)) = VERBS.iter().find(|(verb, _)| self.words(verb)) {
            of.kinds = kinds.to_vec();
            if of.who.is_some() && of.kinds == [EventKind::Ring] {
                // A button sees no face; the visit that it begins does.
                of.kinds = VISITS.to_vec();
                of.labels.clear();
                of.details.push(rang());
                return Some(());
            }
            // Somebody rings, and no camera has to see that it is a person.
            let has_label =
                |kind: &EventKind| SEEN.contains(kind) || *kind == EventKind::ActivityEnded;
            let is_seen = kinds.is_empty() || kinds.iter().any(has_label);
            if subject == Subject::Anybody && !is_seen {
                of.labels.clear();
            }
            return Some(());
        }
        if self.words("is told as") {
            of.kinds = self.list("or", |this| EventKind::from_name(&this.word()?));
            return (!of.kinds.is_empty()).then_some(());
        }
        let ways = [("approaches", Direction::Approaching), ("leaves", Direction::Leaving)];
        of.direction = ways.into_iter().find(|(verb, _)| self.words(verb)).map(|(_, way)| way);
        if of.direction.is_none() && !self.any(&["is", "moves", "appears", "comes"]) {
            return None;
        }
        // Whose face it is, is known of visits.
        of.kinds = if of.who.is_some() { VISITS.to_vec() } else { SEEN.to_vec() };
        Some(())
    }

    fn qualifiers(&mut self, of: &mut Happens) {
        while self.attempt(|this| this.qualifier(of)).is_some() {}
    }

    fn qualifier(&mut self, of: &mut Happens) -> Option<()> {
        if let Some((_, way)) = WAYS.iter().find(|(words, _)| self.words(words)) {
            of.direction = Some(*way);
            return Some(());
        }
        if let Some(zones) = self.attempt(|this| this.in_zones(of)) {
            of.zones.extend(zones);
            return Some(());
        }
        if self.any(&["at", "in", "on"]) {
            let cameras = self.list("or", Self::camera);
            let is_one = !cameras.is_empty();
            of.cameras.extend(cameras);
            return is_one.then_some(());
        }
        if self.words("from") {
            let devices = self.list("or", Self::device);
            let is_one = !devices.is_empty();
            of.devices.extend(devices);
            return is_one.then_some(());
        }
        if self.words("noticing") {
            let what = self.list("or", Self::word);
            let is_one = !what.is_empty();
            of.what.extend(what);
            return is_one.then_some(());
        }
        if self.words("with detail") {
            let (detail, is) = (self.word()?, self.comparison()?);
            of.details.push(DetailIs { detail, is });
            return Some(());
        }
        if self.any(&["with confidence", "with a confidence of"]) {
            let edge = if self.words("at most") {
                &mut of.confidence_max
            } else {
                self.words("at least").then_some(())?;
                &mut of.confidence_min
            };
            *edge = Some(self.whole()?);
            self.sign('%');
            return Some(());
        }
        None
    }

    fn in_zones(&mut self, of: &Happens) -> Option<Vec<hearth_model::ZoneId>> {
        self.words("in").then_some(())?;
        self.words("the");
        let is_said = self.words("zone");
        // A name that several cameras use means the one of the camera that was named.
        let cameras = self.known.cameras.iter();
        let cameras = cameras.filter(|one| of.cameras.is_empty() || of.cameras.contains(&one.id));
        let near: Vec<_> = cameras
            .flat_map(|camera| &camera.zones)
            .map(|(id, name)| (*id, name.as_str()))
            .collect();
        let everywhere: Vec<_> = self
            .known
            .cameras
            .iter()
            .flat_map(|camera| &camera.zones)
            .map(|(id, name)| (*id, name.as_str()))
            .collect();
        let zones = self.list("or", |this| {
            this.name(&near).or_else(|| is_said.then(|| this.name(&everywhere)).flatten())
        });
        (!zones.is_empty()).then_some(zones)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let text: [(&str, OfText); 4] = [
            ("equals", Comparison::Equals),
            ("differs from", Comparison::NotEquals),
            ("contains", Comparison::Contains),
            ("matches", Comparison::Matches),
        ];
        if let Some((_, make)) = text.into_iter().find(|(words, _)| self.words(words)) {
            return self.quoted().map(make);
        }
        if self.words("among") {
            let all = self.list("or", Self::quoted);
            return (!all.is_empty()).then_some(Comparison::OneOf(all));
        }
        if self.words("above") {
            return self.number().map(Comparison::GreaterThan);
        }
        if self.words("below") {
            return self.number().map(Comparison::LessThan);
        }
        self.words("between").then_some(())?;
        let from = self.number()?;
        self.words("and").then_some(())?;
        Some(Comparison::Between([from, self.number()?]))
    }
}
