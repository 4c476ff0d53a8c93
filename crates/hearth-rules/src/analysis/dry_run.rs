//! What a rule would have done with what is recorded.

use hearth_model::{EventId, RuleId, WallTime};
use jiff::tz::TimeZone;

use crate::{Because, Engine, Fact, FaultCause, Groups, Rule, RuleError};

/// Runs that are told one by one; the others are counted.
const RUNS_TOLD_MAX: usize = 200;

/// Between two facts time goes on in steps of this length, so that what depends on time alone is
/// seen at most so much late.
const STEP_MICROS: i64 = 10 * 1_000_000;

/// Steps in all: a month without a fact. A longer history is told up to there.
const STEPS_MAX: u64 = 300_000;

/// A rule would have run.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct WouldRun {
    /// When.
    pub at: WallTime,
    /// By which recorded fact.
    pub event: Option<EventId>,
    /// Which tests were so.
    pub because: Vec<Because>,
}

/// What a rule would have done.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct DryRun {
    /// How often it would have run.
    pub runs: u64,
    /// The first of them.
    pub told: Vec<WouldRun>,
    /// How many facts were looked at.
    pub facts: u64,
    /// When the first fact was, and the last that was looked at.
    pub from: Option<WallTime>,
    /// The same.
    pub to: Option<WallTime>,
    /// Whether there was more than could be looked at.
    pub is_cut: bool,
    /// Why it could not be judged in between, if so.
    #[serde(skip)]
    pub fault: Option<FaultCause>,
}

/// Runs a rule over what is recorded, oldest first. Nothing is carried out. The rule is taken to be
/// switched on, and to come into force with the first fact.
///
/// # Errors
/// What is wrong with the rule.
pub fn dry_run(
    rule: &Rule,
    zone: TimeZone,
    groups: Groups,
    history: impl IntoIterator<Item = Fact>,
) -> Result<DryRun, RuleError> {
    let mut engine = Engine::new(zone, groups);
    let mut history = history.into_iter().peekable();
    let from = history.peek().map(|fact| fact.at);
    let rule = Rule { is_on: true, ..rule.clone() };
    engine.put(from.unwrap_or_default(), RuleId::from_bytes([0; 16]), rule)?;
    let mut dry =
        DryRun { runs: 0, told: Vec::new(), facts: 0, from, to: None, is_cut: false, fault: None };
    let mut steps = 0;
    for fact in history {
        // What is recorded a moment late is seen in the order of the record.
        let at = dry.to.map_or(fact.at, |before| before.max(fact.at));
        let mut now = dry.to.unwrap_or(at).plus_micros(STEP_MICROS);
        while now < at {
            steps += 1;
            if steps > STEPS_MAX {
                dry.is_cut = true;
                return Ok(dry);
            }
            dry.step(&mut engine, now, &Fact::tick(now));
            now = now.plus_micros(STEP_MICROS);
        }
        dry.step(&mut engine, at, &fact);
        (dry.facts, dry.to) = (dry.facts + 1, Some(at));
    }
    Ok(dry)
}

impl DryRun {
    fn step(&mut self, engine: &mut Engine, now: WallTime, fact: &Fact) {
        for firing in engine.step(now, fact) {
            self.runs += 1;
            if self.told.len() < RUNS_TOLD_MAX {
                let (event, because) = (firing.event, firing.because);
                self.told.push(WouldRun { at: now, event, because });
            }
        }
        let fault = engine.take_faults().into_iter().next();
        self.fault = self.fault.or(fault.map(|fault| fault.cause));
    }
}
