//! Searching what happened, asking about it, and what was unusual.

use axum::{Json, extract::State, http::StatusCode};
use hearth_auth::ask;
use hearth_hub::{
    AnswerView, ConversationDetail, ConversationView, Direction, ForecastView, InsightsView,
    NewQuestion, NewSavedSearch, SEARCH_PAGE_MAX, SavedSearchView, SearchPage, SearchQuery,
    SimilarItem,
};
use hearth_model::{CameraId, ConversationId, EventId, EventKind, Label, SavedSearchId};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnHouse, Sent},
};

/// Kinds or cameras in one search; a house has fewer.
const NAMED_MAX: usize = 64;

/// What is like an event, in order of time.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SimilarList {
    items: Vec<SimilarItem>,
}

/// One's own conversations.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ConversationList {
    conversations: Vec<ConversationView>,
}

/// One's own kept searches.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SearchList {
    searches: Vec<SavedSearchView>,
}

/// Which are like it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichSimilar {
    limit: Option<usize>,
    direction: Option<Direction>,
}

/// Of which activities.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Foretold {
    camera: Option<CameraId>,
    label: Option<Label>,
}

/// Parameters of a search. `kind` and `camera` may stand several times, or have several values
/// separated by commas.
fn search_of(parameters: Vec<(String, String)>) -> Result<SearchQuery, ApiError> {
    let mut query = SearchQuery::default();
    for (name, value) in parameters {
        let bad = || ApiError::bad_input("bad_query", format!("`{name}` is not valid."));
        match name.as_str() {
            "q" => query.q = value,
            "kind" => {
                for name in value.split(',').filter(|name| !name.is_empty()) {
                    query.kinds.push(EventKind::from_name(name).ok_or_else(bad)?);
                }
            }
            "camera" => {
                for id in value.split(',').filter(|id| !id.is_empty()) {
                    query.cameras.push(id.parse().map_err(|_| bad())?);
                }
            }
            "label" => query.label = Some(Label::new(&value).ok_or_else(bad)?),
            "zone" => query.zone = Some(value.parse().map_err(|_| bad())?),
            "person" => query.person = Some(value.parse().map_err(|_| bad())?),
            "device" => query.device = Some(value.parse().map_err(|_| bad())?),
            "from" => query.from = Some(value.parse().map_err(|_| bad())?),
            "to" => query.to = Some(value.parse().map_err(|_| bad())?),
            "before" => query.before = Some(value),
            "limit" => query.limit = value.parse().map_err(|_| bad())?,
            _ => return Err(ApiError::bad_input("bad_query", "The query is not valid.")),
        }
    }
    if query.limit > SEARCH_PAGE_MAX {
        let text = format!("Ask for at most {SEARCH_PAGE_MAX} events.");
        return Err(ApiError::bad_input("limit_too_large", text));
    }
    if query.kinds.len() > NAMED_MAX || query.cameras.len() > NAMED_MAX {
        let text = format!("Name at most {NAMED_MAX} kinds and cameras.");
        return Err(ApiError::bad_input("too_many", text));
    }
    Ok(query)
}

/// `GET /search`.
pub(crate) async fn search(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(parameters): Asked<Vec<(String, String)>>,
) -> Result<Json<SearchPage>, ApiError> {
    Ok(Json(api.hub().search(&grant, search_of(parameters)?).await?))
}

/// `GET /events/{event}/similar`.
pub(crate) async fn similar(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(event): Named<EventId>,
    Asked(WhichSimilar { limit, direction }): Asked<WhichSimilar>,
) -> Result<Json<SimilarList>, ApiError> {
    let direction = direction.unwrap_or_default();
    let items = api.hub().similar_events(&grant, event, limit.unwrap_or(0), direction).await?;
    Ok(Json(SimilarList { items }))
}

/// `POST /questions`.
pub(crate) async fn ask(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Sent(question): Sent<NewQuestion>,
) -> Result<Json<AnswerView>, ApiError> {
    Ok(Json(api.hub().ask(&grant, question).await?))
}

/// `GET /conversations`.
pub(crate) async fn conversations(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
) -> Result<Json<ConversationList>, ApiError> {
    Ok(Json(ConversationList { conversations: api.hub().conversations(&grant).await? }))
}

/// `GET /conversations/{conversation}`.
pub(crate) async fn conversation(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(id): Named<ConversationId>,
) -> Result<Json<ConversationDetail>, ApiError> {
    Ok(Json(api.hub().conversation(&grant, id).await?))
}

/// `DELETE /conversations/{conversation}`.
pub(crate) async fn remove_conversation(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(id): Named<ConversationId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_conversation(&grant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /insights`.
pub(crate) async fn insights(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
) -> Result<Json<InsightsView>, ApiError> {
    Ok(Json(api.hub().insights(&grant).await?))
}

/// `GET /forecast`.
pub(crate) async fn forecast(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Asked(Foretold { camera, label }): Asked<Foretold>,
) -> Result<Json<ForecastView>, ApiError> {
    Ok(Json(api.hub().forecast(&grant, camera, label).await?))
}

/// `GET /searches`.
pub(crate) async fn searches(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
) -> Result<Json<SearchList>, ApiError> {
    Ok(Json(SearchList { searches: api.hub().saved_searches(&grant).await? }))
}

/// `POST /searches`.
pub(crate) async fn save(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Sent(new): Sent<NewSavedSearch>,
) -> Result<(StatusCode, Json<SavedSearchView>), ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().save_search(&grant, new).await?)))
}

/// `DELETE /searches/{search}`.
pub(crate) async fn remove_search(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadEvents>,
    Named(id): Named<SavedSearchId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_saved_search(&grant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<SearchQuery, ApiError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        search_of(parameters.iter().map(owned).collect())
    }

    #[test]
    fn kinds_and_cameras_may_be_named_again_and_again() {
        let camera = CameraId::new().to_string();
        let parameters = [("kind", "ring"), ("kind", "visit_began,rule_ran"), ("camera", &camera)];
        let query = read(&parameters).unwrap_or_default();
        assert_eq!((query.kinds.len(), query.cameras.len()), (3, 1));
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for wrong in [("kind", "x"), ("camera", "x"), ("limit", "201"), ("label", "É"), ("x", "")]
        {
            assert!(read(&[wrong]).is_err(), "{wrong:?}");
        }
    }
}
