//! Schedules and limits of devices.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::ask;
use hearth_hub::{DeviceRule, Limit, Schedule};
use hearth_model::{DeviceId, DeviceRuleId};
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, NamedWithin, OnHouse, Sent},
};

/// A schedule with its id.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct KeptSchedule {
    /// Its id.
    id: DeviceRuleId,
    #[serde(flatten)]
    schedule: Schedule,
}

/// A device's schedules, in the order they were made.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ScheduleList {
    schedules: Vec<KeptSchedule>,
}

/// A limit with its id.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct KeptLimit {
    /// Its id.
    id: DeviceRuleId,
    #[serde(flatten)]
    limit: Limit,
}

/// A device's limits, in the order they were made.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct LimitList {
    limits: Vec<KeptLimit>,
}

/// `GET /devices/{device}/schedules`.
pub(crate) async fn schedules(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
    Named(device): Named<DeviceId>,
) -> Result<Json<ScheduleList>, ApiError> {
    let kept = api.hub().schedules(&grant, device)?;
    let schedules = kept.into_iter().map(|(id, schedule)| KeptSchedule { id, schedule }).collect();
    Ok(Json(ScheduleList { schedules }))
}

/// `POST /devices/{device}/schedules`.
pub(crate) async fn add_schedule(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    Named(device): Named<DeviceId>,
    Sent(schedule): Sent<Schedule>,
) -> Result<impl IntoResponse, ApiError> {
    let rule = DeviceRule::Schedule(schedule.clone());
    let id = api.hub().add_device_rule(grant, device, rule).await?;
    Ok((StatusCode::CREATED, Json(KeptSchedule { id, schedule })))
}

/// `PUT /devices/{device}/schedules/{rule}`.
pub(crate) async fn change_schedule(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, id): NamedWithin<DeviceId, DeviceRuleId>,
    Sent(schedule): Sent<Schedule>,
) -> Result<Json<KeptSchedule>, ApiError> {
    let rule = DeviceRule::Schedule(schedule.clone());
    api.hub().change_device_rule(grant, device, id, rule).await?;
    Ok(Json(KeptSchedule { id, schedule }))
}

/// `DELETE /devices/{device}/schedules/{rule}`.
pub(crate) async fn remove_schedule(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, id): NamedWithin<DeviceId, DeviceRuleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_schedule(grant, device, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /devices/{device}/limits`.
pub(crate) async fn limits(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
    Named(device): Named<DeviceId>,
) -> Result<Json<LimitList>, ApiError> {
    let kept = api.hub().limits(&grant, device)?;
    let limits = kept.into_iter().map(|(id, limit)| KeptLimit { id, limit }).collect();
    Ok(Json(LimitList { limits }))
}

/// `POST /devices/{device}/limits`.
pub(crate) async fn add_limit(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    Named(device): Named<DeviceId>,
    Sent(limit): Sent<Limit>,
) -> Result<impl IntoResponse, ApiError> {
    let rule = DeviceRule::Limit(limit.clone());
    let id = api.hub().add_device_rule(grant, device, rule).await?;
    Ok((StatusCode::CREATED, Json(KeptLimit { id, limit })))
}

/// `PUT /devices/{device}/limits/{rule}`.
pub(crate) async fn change_limit(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, id): NamedWithin<DeviceId, DeviceRuleId>,
    Sent(limit): Sent<Limit>,
) -> Result<Json<KeptLimit>, ApiError> {
    let rule = DeviceRule::Limit(limit.clone());
    api.hub().change_device_rule(grant, device, id, rule).await?;
    Ok(Json(KeptLimit { id, limit }))
}

/// `DELETE /devices/{device}/limits/{rule}`.
pub(crate) async fn remove_limit(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, id): NamedWithin<DeviceId, DeviceRuleId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_limit(grant, device, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
