//! From what happens in this house to what the engine is told.

use hearth_model::{Event, EventBody, EventKind, PersonId, VisitTrigger};
use hearth_rules::{Fact, FactBody, Who};

use crate::{
    house::House,
    visits::{Decision, WhoCame},
};

/// Somebody may still be recognised so long after they were noticed last.
const ENDED_MICROS: i64 = 30_000_000;

/// Whether a fact makes rules run. What rules do themselves does not: two of them would never rest.
fn is_told(kind: EventKind) -> bool {
    kind != EventKind::RuleRan
}

impl House {
    /// What a recorded fact tells, with all that is known beside it.
    pub(super) async fn facts_of(&self, event: &Event) -> Vec<Fact> {
        if !is_told(event.body.kind()) {
            return Vec::new();
        }
        let facts = Fact::of_event(event);
        let (EventBody::VisitBegan { visit, .. }
        | EventBody::VisitChanged { visit, .. }
        | EventBody::VisitEnded { visit, .. }) = &event.body
        else {
            return facts;
        };
        let Some(came) = self.who_came(*visit).await else { return facts };
        if event.body.kind() == EventKind::VisitChanged && is_afterwards(event, &came) {
            return Vec::new();
        }
        let begun = |fact| begun_by(fact, came.trigger);
        let facts: Vec<Fact> = facts.into_iter().map(begun).collect();
        // One fact for each sort of face: a stranger who comes with somebody known is a stranger.
        match sorts(came.decisions).as_slice() {
            [] => facts,
            all => all
                .iter()
                .flat_map(|who| facts.iter().cloned().map(|fact| of(fact, *who)))
                .collect(),
        }
    }
}

/// Whether it changed after it was over: a correction, a picture that was erased. Nobody came by that.
fn is_afterwards(event: &Event, came: &WhoCame) -> bool {
    came.ended_at.is_some_and(|end| event.at.micros_since(end) > ENDED_MICROS)
}

/// Who is known to have come.
fn sorts(decisions: Vec<(Decision, Option<PersonId>)>) -> Vec<Who> {
    let mut all: Vec<Who> = Vec::new();
    for (decision, person) in decisions {
        let who = match (decision, person) {
            (Decision::Known, Some(person)) => Who::Person(person),
            (Decision::Unknown, _) => Who::Stranger,
            _ => Who::FaceHidden,
        };
        if !all.contains(&who) {
            all.push(who);
        }
    }
    all
}

/// How the visit began is told with all of its facts, and not with the first alone.
fn begun_by(mut fact: Fact, trigger: VisitTrigger) -> Fact {
    let trigger = match trigger {
        VisitTrigger::Ring => "ring",
        VisitTrigger::Button => "button",
        VisitTrigger::Approach => "approach",
    };
    if let FactBody::Happened(happening) = &mut fact.body {
        happening.details.insert("trigger".to_owned(), trigger.to_owned());
    }
    fact
}

fn of(mut fact: Fact, who: Who) -> Fact {
    if let FactBody::Happened(happening) = &mut fact.body {
        happening.who = Some(who);
    }
    fact
}
