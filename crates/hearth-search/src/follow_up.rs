//! Questions that go on from the one before, and what could be asked next.

use crate::{Ask, Filters, Question};

impl Question {
    /// This question with what it leaves out taken from the one before. A question that stands by
    /// itself stays as it is.
    #[must_use]
    pub fn following(mut self, before: &Self) -> Self {
        if !self.leans && self.is_asked {
            return self;
        }
        if !self.is_asked {
            (self.ask, self.is_yes_or_no) = (before.ask, before.is_yes_or_no);
        }
        let is_new_subject = self.filters.has_subject();
        let (own, old) = (&mut self.filters, &before.filters);
        if !is_new_subject {
            own.labels.clone_from(&old.labels);
            own.people.clone_from(&old.people);
            own.devices.clone_from(&old.devices);
            own.kinds.clone_from(&old.kinds);
            own.words.clone_from(&old.words);
        }
        if own.cameras.is_empty() && own.zones.is_empty() {
            own.cameras.clone_from(&old.cameras);
            own.zones.clone_from(&old.zones);
        }
        take_when(own, old);
        self
    }
}

/// "Only at night" narrows the days that were spoken of; "and yesterday?" takes other days.
fn take_when(own: &mut Filters, old: &Filters) {
    own.when.span = own.when.span.or(old.when.span);
    own.when.hours = own.when.hours.or(old.when.hours);
    own.other = own.other.or(old.other);
}

/// What could be asked next, at most three.
pub(crate) fn next_questions(question: &Question, has_found: bool) -> Vec<String> {
    let mut next = Vec::new();
    let filters = &question.filters;
    if filters.cameras.len() != 1 && question.ask != Ask::Where && has_found {
        next.push("Which camera?");
    }
    if question.ask != Ask::When && question.ask != Ask::State && has_found {
        next.push("When?");
    }
    if filters.when.hours.is_none() && question.ask != Ask::State {
        next.push("Only at night?");
    }
    if question.ask != Ask::Compare && question.ask != Ask::State {
        next.push("And yesterday?");
    }
    if question.ask == Ask::State {
        next.push("When was it switched last?");
    }
    next.truncate(3);
    next.into_iter().map(str::to_owned).collect()
}
