//! What came of a rule that ran: each thing it did with its answer, and why it ran.

use hearth_model::{RuleId, WallTime};

use crate::{Action, Because, Firing};

/// How carrying out one action went.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ActionOutcome)]
pub enum Outcome {
    /// Not answered yet.
    Pending,
    /// Whoever does it acknowledged it.
    Done(WallTime),
    /// It was not done.
    Failed {
        /// Since when that is known.
        at: WallTime,
        /// Why, for a person.
        reason: String,
    },
    /// A rule of a higher priority set the same thing to something else.
    Overruled,
}

/// One action and what came of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Performed {
    /// What was to be done.
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
}

/// One run of a rule.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Execution {
    /// Which rule.
    pub rule: RuleId,
    /// When it ran.
    pub at: WallTime,
    /// Which tests were so, and by which facts.
    pub because: Vec<Because>,
    /// What it did.
    pub actions: Vec<Performed>,
}

impl Execution {
    /// The entry of a rule that runs now.
    pub fn begin(firing: &Firing) -> Self {
        let entry = |outcome: Outcome| {
            move |action: &Action| Performed { action: action.clone(), outcome: outcome.clone() }
        };
        let pending = firing.actions.iter().map(entry(Outcome::Pending));
        let overruled = firing.overruled.iter().map(entry(Outcome::Overruled));
        let actions = pending.chain(overruled).collect();
        Self { rule: firing.rule, at: firing.at, because: firing.because.clone(), actions }
    }

    /// Notes what came of an action. The first answer stands; returns whether it was that.
    pub fn note(&mut self, index: usize, outcome: Outcome) -> bool {
        let entry = self.actions.get_mut(index);
        let pending = entry.filter(|entry| entry.outcome == Outcome::Pending);
        pending.map(|entry| entry.outcome = outcome).is_some()
    }

    /// Whether everything is answered.
    pub fn is_over(&self) -> bool {
        self.actions.iter().all(|entry| entry.outcome != Outcome::Pending)
    }
}
