//! From what happens in this house to what the engine is told.

use hearth_model::{Event, EventBody, EventKind, VisitId};
use hearth_rules::{Fact, FactBody, Who};

use crate::{house::House, visits::Decision};

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
        // One fact for each sort of face: a stranger who comes with somebody known is a stranger.
        match self.who_came(*visit).await.as_slice() {
            [] => facts,
            all => all
                .iter()
                .flat_map(|who| facts.iter().cloned().map(|fact| of(fact, *who)))
                .collect(),
        }
    }

    /// Who is known to have come.
    async fn who_came(&self, visit: VisitId) -> Vec<Who> {
        let mut all: Vec<Who> = Vec::new();
        for (decision, person) in self.decisions_of(visit).await {
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
}

fn of(mut fact: Fact, who: Who) -> Fact {
    if let FactBody::Happened(happening) = &mut fact.body {
        happening.who = Some(who);
    }
    fact
}
