//! Who is told of a visit, in which words.

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::{Severity, VisitTrigger};

use super::{gathering::Decision, open_visit::OpenVisit};
use crate::{
    house::House,
    notifications::{Matter, MatterKind},
    people::{KnownPerson, Tell},
    watchtower::local,
};

impl House {
    /// Tells whoever wants to know; the same visit again replaces what was told before.
    pub(super) async fn tell_visit(self: &Arc<Self>, visit: &OpenVisit, picture: Option<Bytes>) {
        let decisions = visit.gathering.decisions();
        let known: Vec<KnownPerson> =
            decisions.iter().filter_map(|(_, person)| self.people.get((*person)?)).collect();
        let others = decisions.iter().any(|(decision, _)| *decision != Decision::Known);
        let rang = visit.trigger != VisitTrigger::Approach;
        if !rang && !others && !self.anybody_is_told(visit, &known).await {
            return;
        }
        let camera = self.camera_name(visit.camera);
        self.notify(Matter {
            kind: if rang { MatterKind::Ring } else { MatterKind::Visit },
            severity: Severity::Info,
            camera: Some(visit.camera),
            to: Vec::new(),
            title: title(&known, others, rang),
            text: camera.map(|camera| camera.to_string()).unwrap_or_default(),
            picture,
            correlation: visit.id.to_string(),
            link: Some(format!("/visits/{}", visit.id)),
        })
        .await;
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

#[cfg(test)]
mod tests {
    use hearth_model::{PersonId, WallTime};

    use super::*;
    use crate::{name::PersonName, people::PersonDocument};

    fn known(name: &str) -> KnownPerson {
        let name = PersonName::new(name).expect("a name");
        let document = PersonDocument { name, consent: None, tell: Tell::Always };
        let created_at = WallTime::from_micros(0);
        KnownPerson { id: PersonId::new(), created_at, document, samples: Vec::new() }
    }

    /// promise: D-34. Whoever comes beside somebody known is told of as well.
    #[test]
    fn everybody_at_the_door_is_told_of() {
        assert_eq!(title(&[], false, true), "Somebody rings");
        assert_eq!(title(&[], true, false), "Somebody unknown is at the door");
        assert_eq!(title(&[known("Anna")], false, true), "Anna rings");
        let both = [known("Anna"), known("Ben")];
        assert_eq!(title(&both, false, false), "Anna and Ben are at the door");
        assert_eq!(title(&both, true, true), "Anna, Ben and somebody unknown ring");
    }
}
