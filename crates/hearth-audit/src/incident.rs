//! Incidents: what was found, what became of it, and who looked into it. Pure.
//!
//! Findings of the same kind and subject belong to one incident while that is open, and so do
//! findings about the safety of the house that come soon after one another, with what cameras and
//! sensors noticed around them. An incident is open, acknowledged or resolved; every change is a line
//! of its timeline. promise: D-30, D-29.

use hearth_model::{CameraId, EventId, IncidentId, Severity, WallTime};

use crate::{Actor, Finding, IncidentKind, escalation::Escalation};

/// Incidents kept; beyond, the oldest resolved one goes, then the oldest.
pub const INCIDENTS_MAX: usize = 500;

/// Lines of one timeline; beyond, repetitions are only counted.
pub const TIMELINE_MAX: usize = 200;

/// Characters of a note.
pub const NOTE_CHARS_MAX: usize = 2_000;

/// What comes so soon after a finding about the safety of the house belongs to the same incident:
/// whoever walks around a house is seen by the next camera within minutes.
pub const TOGETHER_MICROS: i64 = 5 * 60_000_000;

/// Facts kept with an incident: how it began, and how it stands.
pub const EVIDENCE_MAX: usize = 50;

/// Where an incident stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nobody looks into it yet.
    Open,
    /// Somebody looks into it.
    Acknowledged,
    /// It is settled.
    Resolved,
}

/// What happened to an incident.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It was found.
    Opened,
    /// It was found again.
    Repeated,
    /// Something else was found that belongs to it.
    Joined,
    /// It waits, or became worse.
    Escalated,
    /// Somebody looks into it.
    Acknowledged,
    /// Somebody wrote something down.
    Note,
    /// It is settled.
    Resolved,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct TimelineLine {
    /// When.
    pub at: WallTime,
    /// What.
    pub step: Step,
    /// Who; absent where the hub did it.
    pub who: Option<Actor>,
    /// In words.
    pub text: String,
}

/// A fact that belongs to an incident.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// Which.
    pub event: EventId,
    /// By which camera, if by one.
    pub camera: Option<CameraId>,
    /// When.
    pub at: WallTime,
    /// What, in words.
    pub text: String,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What kind of thing.
    pub kind: IncidentKind,
    /// What it is about, e.g. `address 192.0.2.7`.
    pub subject: String,
    /// In one line.
    pub title: String,
    /// How bad by now.
    pub severity: Severity,
    /// Where it stands.
    pub state: IncidentState,
    /// When it was found first.
    pub opened_at: WallTime,
    /// When it was found last.
    pub last_at: WallTime,
    /// How often it was found.
    pub count: u64,
    /// When it is told again unless somebody acknowledges it.
    pub escalates_at: Option<WallTime>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineLine>,
    /// What cameras and sensors noticed, oldest first.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Whether findings of several kinds or about several things belong to it.
    #[serde(default)]
    pub is_grouped: bool,
    /// How it is told until somebody acknowledges it.
    #[schema(ignore)]
    pub(crate) escalation: Escalation,
}

impl Incident {
    fn line(&mut self, at: WallTime, step: Step, who: Option<Actor>, text: String) {
        // Room for those who look into it remains whatever repeats.
        let has_room = self.timeline.len() < TIMELINE_MAX
            || !matches!(step, Step::Repeated | Step::Escalated)
                && self.timeline.len() < 2 * TIMELINE_MAX;
        if has_room {
            self.timeline.push(TimelineLine { at, step, who, text });
        }
        let waits = self.state == IncidentState::Open;
        self.severity = self.escalation.severity();
        self.escalates_at = waits.then(|| self.escalation.due_at());
    }

    fn is_same(&self, finding: &Finding) -> bool {
        (self.kind, &self.subject) == (finding.kind, &finding.subject)
    }

    /// Whether what happens now belongs to it, whoever noticed it.
    fn goes_on(&self, now: WallTime) -> bool {
        self.state != IncidentState::Resolved
            && self.kind.is_safety()
            && now.micros_since(self.last_at) <= TOGETHER_MICROS
    }
}

/// Why an incident can't be changed like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// There is none with this id.
    #[error("there is no such incident")]
    NotFound,
    /// It is settled.
    #[error("this incident is resolved already")]
    Resolved,
    /// A note is empty or too long.
    #[error("a note has 1 to {NOTE_CHARS_MAX} characters")]
    BadNote,
    /// Its timeline is full.
    #[error("this incident has too many notes")]
    TooMany,
}

/// What a finding did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// A new incident.
    Opened(IncidentId),
    /// One that is worse than before.
    Escalated(IncidentId),
    /// One that is known.
    Repeated(IncidentId),
}

/// All incidents that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Incidents {
    /// Oldest first.
    all: Vec<Incident>,
}

impl Incidents {
    /// A finding: opens an incident, or belongs to one that is not resolved.
    pub fn notice(&mut self, now: WallTime, finding: Finding) -> Noticed {
        let known = self.place_of(now, &finding);
        let Finding { kind, severity, subject, title, detail } = finding;
        if let Some((place, step)) = known {
            let incident = &mut self.all[place];
            incident.count = incident.count.saturating_add(1);
            incident.last_at = now;
            incident.is_grouped |= step == Step::Joined;
            let detail = if step == Step::Joined { format!("{title}. {detail}") } else { detail };
            incident.line(now, step, None, detail);
            let Some(raised) = incident.escalation.raised(severity, now) else {
                return Noticed::Repeated(incident.id);
            };
            // Whoever acknowledged it acknowledged something smaller.
            incident.state = IncidentState::Open;
            incident.escalation = raised;
            incident.title = title;
            incident.line(now, Step::Escalated, None, "It became worse.".to_owned());
            return Noticed::Escalated(incident.id);
        }
        let mut incident = Incident {
            id: IncidentId::new(),
            kind,
            subject,
            title,
            severity,
            state: IncidentState::Open,
            opened_at: now,
            last_at: now,
            count: 1,
            escalates_at: None,
            timeline: Vec::new(),
            evidence: Vec::new(),
            is_grouped: false,
            escalation: Escalation::begin(severity, now),
        };
        incident.line(now, Step::Opened, None, detail);
        let id = incident.id;
        self.make_room();
        self.all.push(incident);
        Noticed::Opened(id)
    }

    /// The incident that a finding belongs to, and how.
    fn place_of(&self, now: WallTime, finding: &Finding) -> Option<(usize, Step)> {
        let unresolved = |incident: &Incident| incident.state != IncidentState::Resolved;
        let same = |one: &Incident| unresolved(one) && one.is_same(finding);
        if let Some(place) = self.all.iter().rposition(same) {
            return Some((place, Step::Repeated));
        }
        let together = |one: &Incident| finding.kind.is_safety() && one.goes_on(now);
        self.all.iter().rposition(together).map(|place| (place, Step::Joined))
    }

    /// A camera or a sensor noticed something: it belongs to the incident that is going on, if one
    /// is, and whether it was not there. How it began is kept before what came in between. What is told
    /// again of the same event says what it is taken for now.
    pub fn witness(&mut self, now: WallTime, evidence: Evidence) -> bool {
        let Some(incident) = self.all.iter_mut().rev().find(|one| one.goes_on(now)) else {
            return false;
        };
        if let Some(known) = incident.evidence.iter_mut().find(|one| one.event == evidence.event) {
            known.text = evidence.text;
            return false;
        }
        if incident.evidence.len() >= EVIDENCE_MAX {
            incident.evidence.remove(EVIDENCE_MAX / 2);
        }
        incident.evidence.push(evidence);
        incident.evidence.sort_by_key(|one| one.at);
        true
    }

    fn make_room(&mut self) {
        if self.all.len() >= INCIDENTS_MAX {
            let resolved = |incident: &Incident| incident.state == IncidentState::Resolved;
            self.all.remove(self.all.iter().position(resolved).unwrap_or(0));
        }
    }

    /// Incidents that nobody acknowledged in time, each told once for each step.
    pub fn escalate(&mut self, now: WallTime) -> Vec<IncidentId> {
        let mut told = Vec::new();
        for incident in &mut self.all {
            if incident.state != IncidentState::Open {
                continue;
            }
            let Some(next) = incident.escalation.step(now) else { continue };
            incident.escalation = next;
            incident.line(now, Step::Escalated, None, "Nobody has acknowledged it.".to_owned());
            told.push(incident.id);
        }
        told
    }

    /// Somebody looks into it.
    ///
    /// # Errors
    /// `NotFound`, `Resolved`.
    pub fn acknowledge(
        &mut self,
        id: IncidentId,
        who: Actor,
        now: WallTime,
    ) -> Result<&Incident, IncidentError> {
        let incident = self.unresolved(id)?;
        if incident.state == IncidentState::Open {
            incident.state = IncidentState::Acknowledged;
            incident.line(now, Step::Acknowledged, Some(who), String::new());
        }
        Ok(incident)
    }

    /// It is settled; `text` says how, and may be empty.
    ///
    /// # Errors
    /// `NotFound`, `Resolved`, `BadNote`.
    pub fn resolve(
        &mut self,
        id: IncidentId,
        who: Actor,
        text: &str,
        now: WallTime,
    ) -> Result<&Incident, IncidentError> {
        if text.chars().count() > NOTE_CHARS_MAX {
            return Err(IncidentError::BadNote);
        }
        let incident = self.unresolved(id)?;
        incident.state = IncidentState::Resolved;
        incident.line(now, Step::Resolved, Some(who), text.to_owned());
        Ok(incident)
    }

    /// Writes something down, also behind the end.
    ///
    /// # Errors
    /// `NotFound`, `BadNote`, `TooMany`.
    pub fn note(
        &mut self,
        id: IncidentId,
        who: Actor,
        text: &str,
        now: WallTime,
    ) -> Result<&Incident, IncidentError> {
        if text.trim().is_empty() || text.chars().count() > NOTE_CHARS_MAX {
            return Err(IncidentError::BadNote);
        }
        let found = self.all.iter_mut().find(|incident| incident.id == id);
        let incident = found.ok_or(IncidentError::NotFound)?;
        if incident.timeline.len() >= 2 * TIMELINE_MAX {
            return Err(IncidentError::TooMany);
        }
        incident.line(now, Step::Note, Some(who), text.to_owned());
        Ok(incident)
    }

    fn unresolved(&mut self, id: IncidentId) -> Result<&mut Incident, IncidentError> {
        let found = self.all.iter_mut().find(|incident| incident.id == id);
        let incident = found.ok_or(IncidentError::NotFound)?;
        if incident.state == IncidentState::Resolved {
            return Err(IncidentError::Resolved);
        }
        Ok(incident)
    }

    /// One of them.
    pub fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.all.iter().find(|incident| incident.id == id)
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Incident> {
        self.all.iter().rev()
    }

    /// How many are not resolved.
    pub fn unresolved_count(&self) -> usize {
        let waits = |incident: &&Incident| incident.state != IncidentState::Resolved;
        self.all.iter().filter(waits).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActorKind;

    const HOUR: i64 = 3_600_000_000;

    fn at(hours: i64) -> WallTime {
        WallTime::from_micros(hours * HOUR)
    }

    fn found(severity: Severity) -> Finding {
        Finding {
            kind: IncidentKind::FailedSignIns,
            severity,
            subject: "address 192.0.2.9".to_owned(),
            title: "Failed sign-ins".to_owned(),
            detail: "five".to_owned(),
        }
    }

    fn anna() -> Actor {
        Actor::named(ActorKind::User, "usr_1", "anna")
    }

    fn opened(incidents: &mut Incidents, severity: Severity) -> IncidentId {
        let noticed = incidents.notice(at(0), found(severity));
        let id = incidents.newest_first().next().expect("one").id;
        assert_eq!(noticed, Noticed::Opened(id));
        id
    }

    fn steps(incidents: &Incidents, id: IncidentId) -> Vec<Step> {
        incidents.get(id).expect("there").timeline.iter().map(|line| line.step).collect()
    }

    /// promise: D-30. An incident has a severity and a timeline, is acknowledged and resolved by
    /// somebody, and says all of it.
    #[test]
    fn an_incident_is_acknowledged_and_resolved_by_somebody() {
        let mut incidents = Incidents::default();
        let id = opened(&mut incidents, Severity::Warning);
        assert_eq!(incidents.get(id).expect("there").escalates_at, Some(at(1)));
        incidents.acknowledge(id, anna(), at(0)).expect("open");
        incidents.note(id, anna(), "It was the new phone.", at(0)).expect("open");
        assert_eq!(incidents.escalate(at(9)), []);
        let resolved = incidents.resolve(id, anna(), "Ordinary.", at(2)).expect("open").clone();
        assert_eq!((resolved.state, resolved.escalates_at), (IncidentState::Resolved, None));
        use Step::{Acknowledged, Note, Opened, Resolved};
        assert_eq!(steps(&incidents, id), [Opened, Acknowledged, Note, Resolved]);
        assert_eq!(resolved.timeline[1].who, Some(anna()));
        let again = incidents.resolve(id, anna(), "", at(3)).map(drop);
        assert_eq!(again, Err(IncidentError::Resolved));
        assert_eq!(incidents.unresolved_count(), 0);
        let json = serde_json::to_string(&incidents).expect("json");
        assert_eq!(serde_json::from_str::<Incidents>(&json).expect("back"), incidents);
    }

    /// promise: D-29. Until somebody acknowledges it, an incident is told again and becomes worse;
    /// then it is quiet.
    #[test]
    fn it_escalates_until_it_is_acknowledged() {
        let mut incidents = Incidents::default();
        let id = opened(&mut incidents, Severity::Warning);
        assert_eq!(incidents.escalate(at(0)), []);
        assert_eq!(incidents.escalate(at(1)), [id]);
        assert_eq!(incidents.get(id).expect("there").severity, Severity::Critical);
        assert_eq!(incidents.escalate(at(1)), [], "told once");
        assert_eq!(incidents.escalate(at(2)), [id]);
        incidents.acknowledge(id, anna(), at(2)).expect("open");
        assert_eq!(incidents.escalate(at(99)), []);
    }

    #[test]
    fn the_same_again_belongs_to_the_open_one_and_a_worse_one_opens_it_again() {
        let mut incidents = Incidents::default();
        let id = opened(&mut incidents, Severity::Warning);
        let again = incidents.notice(at(0), found(Severity::Warning));
        assert_eq!(again, Noticed::Repeated(id));
        incidents.acknowledge(id, anna(), at(0)).expect("open");
        let worse = incidents.notice(at(1), found(Severity::Critical));
        assert_eq!(worse, Noticed::Escalated(id));
        let incident = incidents.get(id).expect("there");
        assert_eq!((incident.state, incident.count), (IncidentState::Open, 3));
        incidents.resolve(id, anna(), "", at(2)).expect("open");
        let new = incidents.notice(at(3), found(Severity::Warning));
        assert!(matches!(new, Noticed::Opened(other) if other != id));
    }

    fn seen(minutes: i64) -> Evidence {
        let at = WallTime::from_micros(minutes * HOUR / 60);
        Evidence { event: EventId::new(), camera: None, at, text: "person".to_owned() }
    }

    /// What several cameras and sensors notice within minutes is one incident, with what they saw.
    #[test]
    fn what_comes_together_is_one_incident() {
        let mut incidents = Incidents::default();
        let minute = |minutes: i64| WallTime::from_micros(minutes * HOUR / 60);
        let safety = |kind, subject: &str| Finding {
            kind,
            subject: subject.to_owned(),
            title: format!("Something at {subject}"),
            ..found(Severity::Warning)
        };
        assert!(!incidents.witness(minute(0), seen(0)), "nothing goes on");
        let opened = incidents.notice(minute(0), safety(IncidentKind::Rule, "garden"));
        let Noticed::Opened(id) = opened else { unreachable!("{opened:?}") };
        assert!(incidents.witness(minute(1), seen(1)));
        let hacked = incidents.notice(minute(2), found(Severity::Critical));
        assert!(matches!(hacked, Noticed::Opened(other) if other != id), "about the hub");
        let worse = Finding { severity: Severity::Critical, ..safety(IncidentKind::Alarm, "hall") };
        assert_eq!(incidents.notice(minute(4), worse), Noticed::Escalated(id));
        let incident = incidents.get(id).expect("there");
        assert!(incident.is_grouped && incident.count == 2);
        assert_eq!(steps(&incidents, id), [Step::Opened, Step::Joined, Step::Escalated]);
        assert!(incident.timeline[1].text.starts_with("Something at hall. "));
        let early = seen(-1);
        assert!(incidents.witness(minute(9), early.clone()), "what was noticed before");
        assert!(
            !incidents.witness(minute(9), Evidence { text: "a cat".to_owned(), ..early }),
            "once"
        );
        assert_eq!(incidents.get(id).expect("there").evidence[0].text, "a cat");
        assert!(!incidents.witness(minute(10), seen(10)), "it is over");
        let later = incidents.notice(minute(10), safety(IncidentKind::Alarm, "cellar"));
        assert!(matches!(later, Noticed::Opened(_)));
        let ats: Vec<WallTime> =
            incidents.get(id).expect("there").evidence.iter().map(|one| one.at).collect();
        assert_eq!(ats, [minute(-1), minute(1)]);
    }

    #[test]
    fn how_it_began_stays_among_the_evidence() {
        let mut incidents = Incidents::default();
        let finding = Finding { kind: IncidentKind::Alarm, ..found(Severity::Critical) };
        let Noticed::Opened(id) = incidents.notice(at(0), finding) else { unreachable!() };
        for micros in 0..1_000 {
            let at = WallTime::from_micros(micros);
            assert!(incidents.witness(at, Evidence { at, ..seen(0) }));
        }
        let kept = &incidents.get(id).expect("there").evidence;
        assert_eq!(kept.len(), EVIDENCE_MAX);
        assert_eq!(kept[0].at, WallTime::from_micros(0));
        assert_eq!(kept[EVIDENCE_MAX - 1].at, WallTime::from_micros(999));
    }

    #[test]
    fn incidents_timelines_and_notes_are_bounded() {
        let mut incidents = Incidents::default();
        let id = opened(&mut incidents, Severity::Warning);
        for _ in 0..1_000 {
            assert_eq!(incidents.notice(at(0), found(Severity::Warning)), Noticed::Repeated(id));
        }
        let incident = incidents.get(id).expect("there");
        assert_eq!((incident.timeline.len(), incident.count), (TIMELINE_MAX, 1_001));
        incidents.acknowledge(id, anna(), at(0)).expect("there is room for people");
        let long = "x".repeat(NOTE_CHARS_MAX + 1);
        for bad in ["", "  ", &long] {
            assert_eq!(
                incidents.note(id, anna(), bad, at(0)).map(drop),
                Err(IncidentError::BadNote)
            );
        }
        let full = (0..1_000).find_map(|_| incidents.note(id, anna(), "x", at(0)).err());
        assert_eq!(full, Some(IncidentError::TooMany));
        for number in 0..INCIDENTS_MAX + 10 {
            let subject = number.to_string();
            incidents.notice(at(0), Finding { subject, ..found(Severity::Info) });
        }
        assert_eq!(incidents.newest_first().count(), INCIDENTS_MAX);
    }
}
