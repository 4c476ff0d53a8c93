//! Incidents: list, show, settle, export; and the security summary.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::{
    AcknowledgedView, IncidentAbout, IncidentExport, IncidentKind, IncidentQuery, IncidentState,
    IncidentView, SummaryView,
};
use hearth_model::{CameraId, IncidentId, Severity};

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnHouse, Sent},
};

/// Incidents, newest first.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct IncidentList {
    incidents: Vec<IncidentView>,
}

/// Which incidents.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    state: Option<IncidentState>,
    severity: Option<Severity>,
    kind: Option<IncidentKind>,
    camera: Option<CameraId>,
    about: Option<IncidentAbout>,
    #[serde(default)]
    order: Order,
}

/// Which of them first.
#[derive(Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Newest,
    Oldest,
}

/// Incidents that somebody looks into.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    /// At most 100.
    incidents: Vec<IncidentId>,
}

/// How an incident is settled.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// What it was; may be empty.
    #[serde(default)]
    text: String,
}

/// Something written down about an incident.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// 1 to 2000 characters.
    text: String,
}

/// `GET /incidents`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadIncidents>,
    Asked(which): Asked<Which>,
) -> Json<IncidentList> {
    let Which { state, severity, kind, camera, about, order } = which;
    let query = IncidentQuery { state, severity, kind, camera, about };
    let mut incidents = api.hub().incidents(&grant, &query);
    if order == Order::Oldest {
        incidents.reverse();
    }
    Json(IncidentList { incidents })
}

/// `POST /incidents/acknowledge`.
pub(crate) async fn acknowledge_all(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Sent(Acknowledgement { incidents }): Sent<Acknowledgement>,
) -> Result<Json<AcknowledgedView>, ApiError> {
    Ok(Json(api.hub().acknowledge_incidents(&grant, &incidents).await?))
}

/// `GET /incidents/{incident}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadIncidents>,
    Named(incident): Named<IncidentId>,
) -> Result<Json<IncidentView>, ApiError> {
    Ok(Json(api.hub().incident(&grant, incident)?))
}

/// `POST /incidents/{incident}/acknowledge`.
pub(crate) async fn acknowledge(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Named(incident): Named<IncidentId>,
) -> Result<Json<IncidentView>, ApiError> {
    Ok(Json(api.hub().acknowledge_incident(&grant, incident).await?))
}

/// `POST /incidents/{incident}/resolve`.
pub(crate) async fn resolve(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Named(incident): Named<IncidentId>,
    Sent(Resolution { text }): Sent<Resolution>,
) -> Result<Json<IncidentView>, ApiError> {
    Ok(Json(api.hub().resolve_incident(grant, incident, &text).await?))
}

/// `POST /incidents/{incident}/notes`.
pub(crate) async fn note(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Named(incident): Named<IncidentId>,
    Sent(Note { text }): Sent<Note>,
) -> Result<Json<IncidentView>, ApiError> {
    Ok(Json(api.hub().note_incident(grant, incident, &text).await?))
}

/// `GET /incidents/{incident}/export`.
pub(crate) async fn export(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadAudit>,
    Named(incident): Named<IncidentId>,
) -> Result<Json<IncidentExport>, ApiError> {
    Ok(Json(api.hub().export_incident(grant, incident).await?))
}

/// `GET /security/summary`.
pub(crate) async fn summary(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadAudit>,
) -> Result<Json<SummaryView>, ApiError> {
    Ok(Json(api.hub().security_summary(grant).await?))
}
