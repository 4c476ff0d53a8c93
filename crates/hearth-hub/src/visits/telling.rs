//! Who is told of a visit, in which words.

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::VisitTrigger;

use super::{gathering::Decision, open_visit::OpenVisit};
use crate::{
    house::House,
    people::{KnownPerson, Tell},
    watchtower::local,
};

impl House {
    /// Tells whoever wants to know; the same visit again replaces what was told before.
    pub(super) async fn tell_visit(
        self: &Arc<Self>,
        visit: &OpenVisit,
        picture: Option<Bytes>,
        is_news: bool,
    ) {
        let decisions = visit.gathering.decisions();
        let known: Vec<KnownPerson> =
            decisions.iter().filter_map(|(_, person)| self.people.get((*person)?)).collect();
        let others = decisions.iter().any(|(decision, _)| *decision != Decision::Known);
        let rang = visit.trigger != VisitTrigger::Approach;
        if !rang && !others && !self.anybody_is_told(visit, &known).await {
            return;
        }
        let title = title(&known, others, rang);
        tracing::debug!(visit.id = %visit.id, is_news, "a visit is told");
        let _ = (title, picture);
    }

    /// Whether somebody wants to know that these people came.
    async fn anybody_is_told(&self, visit: &OpenVisit, known: &[KnownPerson]) -> bool {
        for person in known {
            let is_told = match person.document.tell {
                Tell::Never => false,
                Tell::Always => true,
                Tell::FirstOfDay => !self.came_today(visit, person).await,
            };
            if is_told {
                return true;
            }
        }
        known.is_empty()
    }

    async fn came_today(&self, visit: &OpenVisit, person: &KnownPerson) -> bool {
        let day = local(visit.started_at, &self.zone).date();
        let earlier = self.earlier_visit_of(person.id, visit).await;
        earlier.is_some_and(|at| local(at, &self.zone).date() == day)
    }
}

/// Who came, in one line.
fn title(known: &[KnownPerson], others: bool, rang: bool) -> String {
    let mut names: Vec<&str> = known.iter().map(|person| person.document.name.as_str()).collect();
    if others {
        names.push(if names.is_empty() { "Somebody unknown" } else { "somebody unknown" });
    }
    let who = match &names[..] {
        [] => "Somebody".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    match (rang, names.len() > 1) {
        (true, false) => format!("{who} rings"),
        (true, true) => format!("{who} ring"),
        (false, false) => format!("{who} is at the door"),
        (false, true) => format!("{who} are at the door"),
    }
}
