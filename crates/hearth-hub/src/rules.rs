//! Rules of the house: what people want to be done when something is so.
//!
//! `hearth_rules` judges them, purely. Here is where they are kept, what this house tells them, who
//! may make them, and how what they decide is carried out. One task judges; what comes out is carried
//! out beside it, so that a device that does not answer keeps no rule waiting.

mod acting;
mod drafting;
mod facts;
mod keeping;
mod known;
mod rights;
mod running;
#[cfg(test)]
mod tests;
mod timers;
mod view;

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{RuleId, WallTime};
use hearth_rules::{
    Fact, Known, Rule,
    analysis::{DryRun, check, conflicts, dry_run},
    sentence,
};
use hearth_store::{EventFilter, StoreError, StoredRule};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

pub(crate) use keeping::HouseRules;
pub(crate) use running::run;
pub(crate) use timers::switch_back;
pub use view::{
    CheckedRule, DraftView, DraftedBy, NamedThing, RuleRunView, RuleView, VocabularyView,
};

/// How far back a rule is tried.
const TRIED_MICROS: i64 = 7 * 86_400 * 1_000_000;

/// Facts that a rule is tried on: a busy week. Where there are more, the newest count.
const TRIED_FACTS_MAX: usize = 50_000;

/// Letters of a sentence that are sent to a model.
const SENT_CHARACTERS_MAX: usize = 2_000;

/// Facts read at once.
const PAGE: u32 = 1_000;

impl Hub {
    /// The rules, in the order they were made.
    pub fn rules(&self, _grant: &HouseGrant<ask::ManageRules>) -> Vec<RuleView> {
        self.house().rule_views()
    }

    /// One rule.
    ///
    /// # Errors
    /// `not_found`.
    pub fn rule(&self, _grant: &HouseGrant<ask::ManageRules>, id: RuleId) -> Result<RuleView> {
        self.house().rule_view(id).ok_or_else(no_rule)
    }

    /// What rules of this house can speak of.
    pub fn rule_vocabulary(&self, _grant: &HouseGrant<ask::ManageRules>) -> VocabularyView {
        VocabularyView::of(&self.house().known())
    }

    /// Makes a rule.
    ///
    /// # Errors
    /// `bad_rule` with what is wrong; `too_many`; `denied` for what whoever makes it may not do;
    /// `proof_needed` for one that disarms.
    pub async fn add_rule(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        rule: Rule,
    ) -> Result<RuleView> {
        let now = self.house().clock.wall_now();
        self.put_rule(grant.principal(), RuleId::new(), rule, now).await
    }

    /// Changes a rule.
    ///
    /// # Errors
    /// As for [`Hub::add_rule`]; `not_found`.
    pub async fn change_rule(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        id: RuleId,
        rule: Rule,
    ) -> Result<RuleView> {
        let created_at = self.house().rules.created_at(id).ok_or_else(no_rule)?;
        self.put_rule(grant.principal(), id, rule, created_at).await
    }

    async fn put_rule(
        &self,
        who: &Principal,
        id: RuleId,
        rule: Rule,
        created_at: WallTime,
    ) -> Result<RuleView> {
        let house = self.house();
        self.require_rights(who, &rule).await?;
        require_sound(&rule, &house.known())?;
        let changed_at = house.clock.wall_now();
        let sealed = house.seal_rule(id, &rule)?;
        let stored = StoredRule { id, sealed, created_at, changed_at };
        house.store.put_rule(&stored).await.map_err(store_error)?;
        house.rules.put(id, rule, created_at, changed_at)?;
        house.keep_snapshot().await;
        house.status_changed();
        house.rule_view(id).ok_or_else(no_rule)
    }

    /// Removes a rule with its history.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_rule(
        &self,
        _grant: &HouseGrant<ask::ManageRules>,
        id: RuleId,
    ) -> Result<()> {
        let house = self.house();
        // First out of force: what is under way finds it gone.
        house.rules.remove(id);
        match house.store.remove_rule(id).await {
            Err(StoreError::NotFound { .. }) => return Err(no_rule()),
            other => other.map_err(store_error)?,
        }
        house.keep_snapshot().await;
        house.status_changed();
        Ok(())
    }

    /// Looks at a rule that is not in force yet: what is wrong with it, which rules it is at odds
    /// with, and what it would have done in the last seven days.
    ///
    /// # Errors
    /// `bad_rule` for what is no rule at all.
    pub async fn check_rule(
        &self,
        _grant: &HouseGrant<ask::ManageRules>,
        id: Option<RuleId>,
        rule: Rule,
    ) -> Result<CheckedRule> {
        rule.check().map_err(|error| bad_rule(error.to_string()))?;
        let house = self.house();
        let known = house.known();
        let findings = check(&rule, &known);
        let sentence = sentence::write(&rule, &known);
        let id = id.unwrap_or_else(RuleId::new);
        let in_force = Rule { is_on: true, ..rule.clone() };
        let mut all = house.rules.all();
        all.retain(|(other, _)| *other != id);
        all.push((id, in_force));
        let pairs: Vec<(RuleId, &Rule)> = all.iter().map(|(id, rule)| (*id, rule)).collect();
        let mut conflicts = conflicts(&pairs);
        conflicts.retain(|conflict| conflict.rules().contains(&id));
        let history = self.try_rule(rule, &known).await?;
        Ok(CheckedRule { sentence, findings, conflicts, history })
    }

    /// Runs a rule over the facts of the last days, off the event loop.
    async fn try_rule(&self, rule: Rule, known: &Known) -> Result<DryRun> {
        let facts = self.recent_facts().await?;
        let (zone, groups) = (self.house().zone.clone(), known.group_members());
        let tried = tokio::task::spawn_blocking(move || dry_run(&rule, zone, groups, facts)).await;
        let tried = tried.map_err(|error| UseCaseError::internal(&error))?;
        tried.map_err(|error| bad_rule(error.to_string()))
    }

    /// What happened lately, oldest first.
    async fn recent_facts(&self) -> Result<Vec<Fact>> {
        let house = self.house();
        let from = house.clock.wall_now().plus_micros(-TRIED_MICROS);
        let mut filter = EventFilter { from: Some(from), limit: PAGE, ..EventFilter::default() };
        let mut rows = Vec::new();
        loop {
            let page = house.store.events(&filter).await.map_err(store_error)?;
            filter.before = page.last().map(hearth_store::EventRow::cursor);
            let is_last = page.len() < PAGE as usize;
            rows.extend(page);
            if is_last || rows.len() >= TRIED_FACTS_MAX {
                break;
            }
        }
        let mut facts = Vec::new();
        for row in rows.iter().rev() {
            facts.extend(house.facts_of(&row.event).await);
        }
        Ok(facts)
    }

    /// Makes a draft of a sentence. It is not in force, and says what was not understood.
    pub fn draft_rule(&self, _grant: &HouseGrant<ask::ManageRules>, text: &str) -> DraftView {
        let known = self.house().known();
        let draft = sentence::read(text, &known);
        let sentence = draft.rule.as_ref().map(|rule| sentence::write(rule, &known));
        DraftView { draft, sentence, by: DraftedBy::Grammar, model_error: None }
    }

    /// The same; what the grammar leaves over is sent to the house's model, if it has one. What that
    /// says is a draft as well, and without it there is what the grammar understood.
    pub async fn improved_rule_draft(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        text: &str,
    ) -> DraftView {
        let draft = self.draft_rule(grant, text);
        if draft.draft.rule.is_some() && draft.draft.not_understood.is_empty() {
            return draft;
        }
        let known = self.house().known();
        let text: String = text.chars().take(SENT_CHARACTERS_MAX).collect();
        match self.house().draft_by_model(&text, &known).await {
            None => draft,
            Some(Err(error)) => DraftView { model_error: Some(error), ..draft },
            Some(Ok(rule)) => DraftView::of_model(rule, &known),
        }
    }

    /// Judges a rule again that was suspended for its errors.
    ///
    /// # Errors
    /// `not_found`.
    pub fn resume_rule(&self, _grant: &HouseGrant<ask::ManageRules>, id: RuleId) -> Result<()> {
        self.house().rules.resume(id).then_some(()).ok_or_else(no_rule)
    }

    /// What rules did, newest first; before a number, if one is given.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn rule_runs(
        &self,
        _grant: &HouseGrant<ask::ManageRules>,
        rule: Option<RuleId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<RuleRunView>> {
        self.house().rule_run_views(rule, before, limit).await
    }
}

/// Refuses what cannot work.
fn require_sound(rule: &Rule, known: &Known) -> Result<()> {
    rule.check().map_err(|error| bad_rule(error.to_string()))?;
    let worst = check(rule, known).into_iter().next();
    match worst {
        // One that is off does nothing: it may speak of what is gone, or nobody could switch it off.
        Some(finding) if rule.is_on && finding.level == hearth_rules::analysis::Level::Error => {
            Err(bad_rule(format!("{}: {}", finding.at, finding.message)))
        }
        _ => Ok(()),
    }
}

fn bad_rule(text: String) -> UseCaseError {
    UseCaseError::bad_input("bad_rule", text)
}

fn no_rule() -> UseCaseError {
    UseCaseError::not_found("rule")
}
