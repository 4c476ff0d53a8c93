//! The alarm of the house.

use axum::{Json, extract::State, http::StatusCode};
use hearth_auth::ask;
use hearth_hub::{AlarmSetup, AlarmView, Mode, PersonName, PinFor, PinView};
use hearth_secret::SecretString;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, OnHouse, Sent},
};

/// How the house is to be armed.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArmBody {
    /// The mode; `disarmed` is one.
    mode: Mode,
    /// Whether to arm although something is not ready.
    #[serde(default)]
    anyway: bool,
}

/// A PIN that is entered.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinBody {
    /// The PIN.
    #[schema(value_type = String)]
    pin: SecretString,
    /// What for.
    purpose: PinFor,
}

/// A call for help.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PanicBody {
    /// Whether nothing in the house is to show it.
    silent: bool,
}

/// A PIN for somebody.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPin {
    /// Whose.
    holder: PersonName,
    /// 4 to 12 digits.
    #[schema(value_type = String)]
    pin: SecretString,
    /// Another that disarms and calls for help without a sign.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    duress_pin: Option<SecretString>,
}

/// Whose PIN.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    holder: PersonName,
}

/// Who has a PIN.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct PinList {
    pins: Vec<PinView>,
}

/// `GET /alarm`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
) -> Json<AlarmView> {
    Json(api.hub().alarm(&grant).await)
}

/// `PUT /alarm/mode`.
pub(crate) async fn arm(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Arm>,
    Sent(ArmBody { mode, anyway }): Sent<ArmBody>,
) -> Result<Json<AlarmView>, ApiError> {
    Ok(Json(api.hub().arm(&grant, mode, anyway).await?))
}

/// `POST /alarm/pin`.
pub(crate) async fn enter_pin(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Arm>,
    Sent(PinBody { pin, purpose }): Sent<PinBody>,
) -> Result<Json<AlarmView>, ApiError> {
    Ok(Json(api.hub().enter_pin(&grant, pin, purpose).await?))
}

/// `POST /alarm/panic`.
pub(crate) async fn panic(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Arm>,
    Sent(PanicBody { silent }): Sent<PanicBody>,
) -> Result<StatusCode, ApiError> {
    api.hub().panic(&grant, silent).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /alarm/acknowledge`.
pub(crate) async fn acknowledge(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Arm>,
) -> Result<Json<AlarmView>, ApiError> {
    Ok(Json(api.hub().acknowledge_alarm(&grant).await?))
}

/// `GET /alarm/setup`.
pub(crate) async fn setup(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Json<AlarmSetup> {
    Json(api.hub().alarm_setup(&grant).await)
}

/// `PUT /alarm/setup`.
pub(crate) async fn set_up(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(setup): Sent<AlarmSetup>,
) -> Result<Json<AlarmSetup>, ApiError> {
    Ok(Json(api.hub().set_alarm_setup(&grant, setup).await?))
}

/// `GET /alarm/pins`.
pub(crate) async fn pins(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
) -> Json<PinList> {
    Json(PinList { pins: api.hub().alarm_pins(&grant).await })
}

/// `PUT /alarm/pins`.
pub(crate) async fn set_pin(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Sent(NewPin { holder, pin, duress_pin }): Sent<NewPin>,
) -> Result<Json<PinList>, ApiError> {
    let pins = api.hub().set_alarm_pin(&grant, holder, pin, duress_pin).await?;
    Ok(Json(PinList { pins }))
}

/// `DELETE /alarm/pins`.
pub(crate) async fn remove_pin(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageRules>,
    Asked(Whose { holder }): Asked<Whose>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_alarm_pin(&grant, holder).await?;
    Ok(StatusCode::NO_CONTENT)
}
