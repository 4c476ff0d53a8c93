//! Notifications: channels, recipients, escalation, tests; what was delivered; acknowledging; one's
//! own browser.

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::ask;
use hearth_hub::{
    ChannelSettings, ChannelView, DeliveryPage, DeliveryQuery, DeliveryView, Escalation,
    MatterView, MuteView, NewChannel, NewRecipient, NewSubscription, NotificationContent,
    QuietHours, RecipientView, Subscribed, SubscriptionView, TestView, WebPushView,
};
use hearth_model::{ChannelId, NotificationId, RecipientId, WallTime};
use hearth_secret::SecretString;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Asked, Named, OnAccount, OnHouse, Sent},
};

/// The ways to tell people.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ChannelList {
    channels: Vec<ChannelView>,
}

/// A channel as a whole.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelBody {
    /// What to call it.
    name: String,
    /// Whether it is used.
    #[serde(default = "yes")]
    enabled: bool,
    /// The service.
    settings: ChannelSettings,
    /// Token, password or key; left out, the one there is stays. Never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretString>,
    /// Whether addresses of the house's network are allowed.
    #[serde(default)]
    private_network: bool,
    /// SHA-256 of the service's certificate, if no public authority signed it.
    #[serde(default)]
    certificate_sha256: Option<String>,
}

/// Who is told.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RecipientList {
    recipients: Vec<RecipientView>,
}

/// A recipient as a whole.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientBody {
    /// What to call them.
    name: String,
    /// By which channel.
    channel: ChannelId,
    /// Chat, address or topic, where the channel has many receivers.
    #[serde(default)]
    address: Option<String>,
    /// Whether they are told anything.
    #[serde(default = "yes")]
    enabled: bool,
    /// How much they are told.
    #[serde(default)]
    content: NotificationContent,
    /// Whether this chat may send commands.
    #[serde(default)]
    commands: bool,
    /// Of what.
    #[serde(default)]
    matters: Vec<Subscribed>,
    /// When only of what is critical.
    #[serde(default)]
    quiet_hours: Vec<QuietHours>,
    /// At most so many messages an hour that are not critical; 1 to 600.
    #[serde(default = "thirty")]
    per_hour: u32,
    /// How long much the same is not told again; 0 to 86400.
    #[serde(default = "sixty")]
    dedup_seconds: u32,
}

/// Whom to send a test.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestBody {
    /// Which recipient.
    recipient: RecipientId,
}

/// Which deliveries.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichDeliveries {
    state: Option<String>,
    recipient: Option<RecipientId>,
    matter: Option<String>,
    before: Option<i64>,
    limit: Option<u32>,
}

/// Which matters.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichMatters {
    all: Option<u8>,
}

/// Matters that somebody should acknowledge.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct MatterList {
    matters: Vec<MatterView>,
}

/// Until when only critical matters are told.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MuteBody {
    /// At most a day ahead; `null` for everything again.
    until: Option<WallTime>,
}

/// What a browser's `PushSubscription` says of itself.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PushSubscription {
    /// Whoever has it can send the browser messages.
    #[schema(value_type = String, write_only)]
    endpoint: SecretString,
    /// The browser's keys.
    keys: PushKeys,
}

/// A browser's keys, base64url.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct PushKeys {
    /// Its public key.
    p256dh: String,
    /// What it shares with the sender.
    #[schema(value_type = String, write_only)]
    auth: SecretString,
}

/// One's own browser that subscribes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscribeBody {
    /// What to call it.
    name: String,
    /// What the browser made.
    subscription: PushSubscription,
    /// How much it is told; no picture unless said otherwise.
    #[serde(default)]
    content: Option<NotificationContent>,
    /// Of what; of rings, visits, persons and critical incidents unless said otherwise.
    #[serde(default)]
    matters: Option<Vec<Subscribed>>,
    /// When only of what is critical.
    #[serde(default)]
    quiet_hours: Vec<QuietHours>,
}

fn yes() -> bool {
    true
}

fn thirty() -> u32 {
    30
}

fn sixty() -> u32 {
    60
}

impl ChannelBody {
    fn read(self) -> Result<NewChannel, ApiError> {
        let certificate = self.certificate_sha256.map(|text| text.parse()).transpose();
        let certificate = certificate
            .map_err(|error| ApiError::bad_input("bad_fingerprint", format!("{error}.")))?;
        Ok(NewChannel {
            name: self.name,
            enabled: self.enabled,
            settings: self.settings,
            secret: self.secret,
            private_network: self.private_network,
            certificate,
        })
    }
}

impl From<RecipientBody> for NewRecipient {
    fn from(body: RecipientBody) -> Self {
        Self {
            name: body.name,
            channel: body.channel,
            address: body.address,
            enabled: body.enabled,
            content: body.content,
            commands: body.commands,
            matters: body.matters,
            quiet_hours: body.quiet_hours,
            per_hour: body.per_hour,
            dedup_seconds: body.dedup_seconds,
        }
    }
}

/// `GET /notifications/channels`.
pub(crate) async fn channels(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
) -> Json<ChannelList> {
    Json(ChannelList { channels: api.hub().channels(&grant) })
}

/// `POST /notifications/channels`.
pub(crate) async fn add_channel(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Sent(body): Sent<ChannelBody>,
) -> Result<impl IntoResponse, ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_channel(&grant, body.read()?).await?)))
}

/// `PUT /notifications/channels/{channel}`.
pub(crate) async fn set_channel(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Named(channel): Named<ChannelId>,
    Sent(body): Sent<ChannelBody>,
) -> Result<Json<ChannelView>, ApiError> {
    Ok(Json(api.hub().set_channel(&grant, channel, body.read()?).await?))
}

/// `DELETE /notifications/channels/{channel}`.
pub(crate) async fn remove_channel(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Named(channel): Named<ChannelId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_channel(&grant, channel).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /notifications/recipients`.
pub(crate) async fn recipients(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
) -> Result<Json<RecipientList>, ApiError> {
    Ok(Json(RecipientList { recipients: api.hub().recipients(&grant).await? }))
}

/// `POST /notifications/recipients`.
pub(crate) async fn add_recipient(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Sent(body): Sent<RecipientBody>,
) -> Result<impl IntoResponse, ApiError> {
    Ok((StatusCode::CREATED, Json(api.hub().add_recipient(&grant, body.into()).await?)))
}

/// `PUT /notifications/recipients/{recipient}`.
pub(crate) async fn set_recipient(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Named(recipient): Named<RecipientId>,
    Sent(body): Sent<RecipientBody>,
) -> Result<Json<RecipientView>, ApiError> {
    Ok(Json(api.hub().set_recipient(&grant, recipient, body.into()).await?))
}

/// `DELETE /notifications/recipients/{recipient}`.
pub(crate) async fn remove_recipient(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Named(recipient): Named<RecipientId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_recipient(&grant, recipient).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /notifications/escalation`.
pub(crate) async fn escalation(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
) -> Json<Escalation> {
    Json(api.hub().escalation(&grant))
}

/// `PUT /notifications/escalation`.
pub(crate) async fn set_escalation(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Sent(escalation): Sent<Escalation>,
) -> Result<Json<Escalation>, ApiError> {
    Ok(Json(api.hub().set_escalation(&grant, escalation).await?))
}

/// `POST /notifications/test`.
pub(crate) async fn test(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageNotifications>,
    Sent(TestBody { recipient }): Sent<TestBody>,
) -> Result<Json<TestView>, ApiError> {
    Ok(Json(api.hub().test_notification(&grant, recipient).await?))
}

/// `GET /notifications/deliveries`.
pub(crate) async fn deliveries(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Asked(which): Asked<WhichDeliveries>,
) -> Result<Json<DeliveryPage>, ApiError> {
    let WhichDeliveries { state, recipient, matter, before, limit } = which;
    let query = DeliveryQuery { state, recipient, matter, before, limit };
    Ok(Json(api.hub().deliveries(&grant, query).await?))
}

/// `POST /notifications/deliveries/{delivery}/replay`.
pub(crate) async fn replay(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Named(delivery): Named<NotificationId>,
) -> Result<Json<DeliveryView>, ApiError> {
    Ok(Json(api.hub().replay_delivery(&grant, delivery).await?))
}

/// `GET /notifications/matters`.
pub(crate) async fn matters(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Asked(WhichMatters { all }): Asked<WhichMatters>,
) -> Result<Json<MatterList>, ApiError> {
    let matters = api.hub().matters(&grant, all == Some(1)).await?;
    Ok(Json(MatterList { matters }))
}

/// `POST /notifications/matters/{matter}/acknowledge`.
pub(crate) async fn acknowledge(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Named(matter): Named<String>,
) -> Result<Json<MatterView>, ApiError> {
    Ok(Json(api.hub().acknowledge_matter(&grant, &matter).await?))
}

/// `GET /notifications/mute`.
pub(crate) async fn mute(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
) -> Json<MuteView> {
    Json(api.hub().mute(&grant))
}

/// `PUT /notifications/mute`.
pub(crate) async fn set_mute(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageIncidents>,
    Sent(MuteBody { until }): Sent<MuteBody>,
) -> Result<Json<MuteView>, ApiError> {
    Ok(Json(api.hub().set_mute(&grant, until).await?))
}

/// `GET /notifications/web-push`.
pub(crate) async fn web_push(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
) -> Json<WebPushView> {
    Json(api.hub().web_push(&grant))
}

/// `POST /notifications/web-push`.
pub(crate) async fn subscribe(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Sent(body): Sent<SubscribeBody>,
) -> Result<impl IntoResponse, ApiError> {
    let PushSubscription { endpoint, keys } = body.subscription;
    let new = NewSubscription {
        name: body.name,
        endpoint,
        p256dh: keys.p256dh,
        auth: keys.auth,
        content: body.content,
        matters: body.matters,
        quiet_hours: body.quiet_hours,
    };
    let subscribed: SubscriptionView = api.hub().subscribe_browser(&grant, new).await?;
    Ok((StatusCode::CREATED, Json(subscribed)))
}

/// `DELETE /notifications/web-push/{recipient}`.
pub(crate) async fn unsubscribe(
    State(api): State<Api>,
    OnAccount(grant): OnAccount,
    Named(recipient): Named<RecipientId>,
) -> Result<StatusCode, ApiError> {
    api.hub().unsubscribe_browser(&grant, recipient).await?;
    Ok(StatusCode::NO_CONTENT)
}
