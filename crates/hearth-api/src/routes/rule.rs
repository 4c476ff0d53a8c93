//! Rules of the house: list, check, put in force, and what they did.

use axum::{Json, extract::State, http::StatusCode};
use hearth_auth::ask;
use hearth_hub::{
    CheckedRule, DraftView, DraftingTest, DraftingView, NewDrafting, Rule, RuleRunView, RuleView,
    VocabularyView,
};
use hearth_model::RuleId;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnHouse, Sent},
};

/// Runs on a page unless asked otherwise.
const RUNS: u32 = 50;

/// Rules, in the order they were made.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RuleList {
    rules: Vec<RuleView>,
}

/// A rule to be looked at.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleToCheck {
    /// The rule that it will replace.
    #[serde(default)]
    id: Option<RuleId>,
    /// What it says.
    rule: Rule,
}

/// A sentence.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sentence {
    /// In English, e.g. `When somebody rings at the front door, tell everybody.`
    text: String,
    /// Whether what the grammar leaves over is sent to the house's model, if it has one.
    #[serde(default)]
    improve: bool,
}

/// Which runs.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichRuns {
    rule: Option<RuleId>,
    before: Option<i64>,
    limit: Option<u32>,
}

/// What rules did, newest first.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RunList {
    runs: Vec<RuleRunView>,
}

/// `GET /rules`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Json<RuleList> {
    Json(RuleList { rules: api.hub().rules(&grant) })
}

/// `POST /rules`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(rule): Sent<Rule>,
) -> Result<(StatusCode, Json<RuleView>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_rule(&grant, rule).await?)))
}

/// `GET /rules/vocabulary`.
pub(crate) async fn vocabulary(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Json<VocabularyView> {
    Json(api.hub().rule_vocabulary(&grant))
}

/// `POST /rules/check`.
pub(crate) async fn check(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(RuleToCheck { id, rule }): Sent<RuleToCheck>,
) -> Result<Json<CheckedRule>, ApiError> {
    Ok(Json(api.hub().check_rule(&grant, id, rule).await?))
}

/// `POST /rules/draft`.
pub(crate) async fn draft(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(Sentence { text, improve }): Sent<Sentence>,
) -> Json<DraftView> {
    if improve {
        return Json(api.hub().improved_rule_draft(&grant, &text).await);
    }
    Json(api.hub().draft_rule(&grant, &text))
}

/// `GET /rules/drafting`.
pub(crate) async fn drafting(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Json<DraftingView> {
    Json(api.hub().rule_drafting(&grant))
}

/// `PUT /rules/drafting`.
pub(crate) async fn set_drafting(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(new): Sent<NewDrafting>,
) -> Result<Json<DraftingView>, ApiError> {
    Ok(Json(api.hub().set_rule_drafting(&grant, new).await?))
}

/// `POST /rules/drafting/test`.
pub(crate) async fn test_drafting(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Result<Json<DraftingTest>, ApiError> {
    Ok(Json(api.hub().test_rule_drafting(&grant).await?))
}

/// `GET /rules/runs`.
pub(crate) async fn runs(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Asked(WhichRuns { rule, before, limit }): Asked<WhichRuns>,
) -> Result<Json<RunList>, ApiError> {
    let runs = api.hub().rule_runs(&grant, rule, before, limit.unwrap_or(RUNS)).await?;
    Ok(Json(RunList { runs }))
}

/// `GET /rules/{rule}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Named(rule): Named<RuleId>,
) -> Result<Json<RuleView>, ApiError> {
    Ok(Json(api.hub().rule(&grant, rule)?))
}

/// `PUT /rules/{rule}`.
pub(crate) async fn change(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Named(id): Named<RuleId>,
    Sent(rule): Sent<Rule>,
) -> Result<Json<RuleView>, ApiError> {
    Ok(Json(api.hub().change_rule(&grant, id, rule).await?))
}

/// `DELETE /rules/{rule}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Named(id): Named<RuleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_rule(&grant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /rules/{rule}/resume`.
pub(crate) async fn resume(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Named(id): Named<RuleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().resume_rule(&grant, id)?;
    Ok(StatusCode::NO_CONTENT)
}
