//! The one table of routes, as data: what each row asks for, who handles it, how it is documented.
//!
//! A row cannot be made without an [`Access`], the router is built from the rows, and so is the
//! OpenAPI document (`openapi`); nothing else adds a route. promise: V-01.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use hearth_auth::{Access, Action};
use hearth_hub::AuditClass;
use http::{Method, StatusCode};

use crate::{
    api::Api,
    assets,
    audit::{self, Audit},
    doc::{Doc, doc},
    error::ApiError,
    gate::{self, Rule},
    limits::{
        BODY_BYTES_MAX, BODY_BYTES_PASSKEY_MAX, BODY_BYTES_PHOTO_MAX, BODY_BYTES_SIGN_IN_MAX,
        BODY_BYTES_SOUND_MAX,
    },
    rate::Cost,
    routes::{
        account, alarm, assistant, audit as audit_log, camera, clip, device, device_rule, energy,
        event, health, hold, house, incident, keeping, live, metrics, notification, person,
        picture, privacy, provider, reply, review, room, rule, search, session, talk, token, user,
        visit, watch_list, watcher,
    },
};

/// Whether a request has to be over within the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It has.
    Answer,
    /// It goes on as long as somebody reads.
    Stream,
}

/// One route.
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) pace: Pace,
    pub(crate) audit: Audit,
    pub(crate) cost: Cost,
    body_bytes_max: usize,
    pub(crate) doc: Doc,
    handler: MethodRouter<Api>,
}

impl Row {
    fn new<H, T>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: Access,
        handler: H,
        doc: Doc,
    ) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        let handler = on(filter, handler);
        let (pace, cost) = (Pace::Answer, Cost::Ordinary);
        let (audit, body_bytes_max) = (Audit::of(access, &method), BODY_BYTES_MAX);
        Self { method, path, access, pace, audit, cost, body_bytes_max, doc, handler }
    }

    /// Frees the row of the request deadline.
    fn streams(self) -> Self {
        Self { pace: Pace::Stream, ..self }
    }

    /// Frees the row of the request deadline; it goes on until somebody ends it, so its begin and
    /// its end are both recorded.
    fn lasts(self) -> Self {
        Self { pace: Pace::Stream, audit: self.audit.lasting(), ..self }
    }

    /// Is recorded as something else than its access says.
    fn recorded_as(self, class: AuditClass) -> Self {
        Self { audit: self.audit.class(class), ..self }
    }

    /// Is recorded here only if it is refused.
    fn recorded_by_the_hub(self) -> Self {
        Self { audit: self.audit.refusals_only(), ..self }
    }

    /// Is recorded as an export if this query parameter is set.
    fn exports_by(self, parameter: &'static str) -> Self {
        Self { audit: self.audit.exports_by(parameter), ..self }
    }

    /// Costs much, and may be asked for less often.
    fn heavy(self) -> Self {
        Self { cost: Cost::Heavy, ..self }
    }

    /// Takes smaller bodies than others.
    fn body_max(self, bytes: usize) -> Self {
        Self { body_bytes_max: bytes, ..self }
    }

    /// Proves who somebody is, which costs much; takes smaller bodies than others.
    fn signs_in(self) -> Self {
        Self { cost: Cost::SignIn, ..self }.body_max(BODY_BYTES_SIGN_IN_MAX)
    }
}

macro_rules! methods {
    ($($name:ident = $method:ident;)*) => {$(
        fn $name<H, T>(path: &'static str, access: Access, handler: H, doc: Doc) -> Row
        where
            H: Handler<T, Api>,
            T: 'static,
        {
            Row::new(Method::$method, MethodFilter::$method, path, access, handler, doc)
        }
    )*};
}

methods! {
    get = GET;
    post = POST;
    put = PUT;
    patch = PATCH;
    delete = DELETE;
}

const OPEN: Access = Access::Open;
const SIGNED_IN: Access = Access::SignedIn;
const LIVE: Access = Access::Camera(Action::Live);
const PLAYBACK: Access = Access::Camera(Action::Playback);
const CONFIGURE: Access = Access::Camera(Action::Configure);
const LIST_CAMERAS: Access = Access::House(Action::ListCameras);
const MANAGE_CAMERAS: Access = Access::House(Action::ManageCameras);
const READ_EVENTS: Access = Access::House(Action::ReadEvents);
const MANAGE_HOLDS: Access = Access::House(Action::ManageHolds);
const READ_SYSTEM: Access = Access::House(Action::ReadSystem);
const ACCOUNT: Access = Access::Account;
const OWNER: Access = Access::Owner;
const MANAGE_USERS: Access = Access::House(Action::ManageUsers);
const MANAGE_TOKENS: Access = Access::House(Action::ManageTokens);
const READ_AUDIT: Access = Access::House(Action::ReadAudit);
const READ_INCIDENTS: Access = Access::House(Action::ReadIncidents);
const MANAGE_INCIDENTS: Access = Access::House(Action::ManageIncidents);
const MANAGE_NOTIFICATIONS: Access = Access::House(Action::ManageNotifications);
const READ_METRICS: Access = Access::House(Action::ReadMetrics);
const READ_DEVICES: Access = Access::House(Action::ReadDevices);
const CONTROL_DEVICES: Access = Access::House(Action::ControlDevices);
const ARM: Access = Access::House(Action::Arm);
const MANAGE_RULES: Access = Access::House(Action::ManageRules);
const MANAGE_PEOPLE: Access = Access::House(Action::ManagePeople);
const CONTROL: Access = Access::Camera(Action::Control);
const MAINTAIN: Access = Access::House(Action::Maintain);

/// All routes.
pub(crate) fn table() -> Vec<Row> {
    let parts = [
        house(),
        keeping(),
        sign_in(),
        accounts(),
        programs(),
        cameras(),
        devices(),
        people(),
        visits(),
        watch_list(),
        media(),
        events(),
        searching(),
        reviews(),
        security(),
        notifications(),
        alarm_routes(),
        rules(),
        assistants(),
    ];
    parts.into_iter().flatten().collect()
}

#[rustfmt::skip]
fn house() -> Vec<Row> {
    vec![
        get("/healthz", OPEN, health::alive, doc("Whether the process serves.")
            .sends("text/plain", "It does.")),
        get("/readyz", OPEN, health::ready, doc("Whether the hub can do its work.")
            .sends("text/plain", "It can; 503 if it cannot. To those who are signed in, with what it depends on.")),
        get("/api/v1/openapi.json", SIGNED_IN, health::openapi, doc("This document.")
            .sends("application/json", "OpenAPI 3.1.")),
        get("/api/v1/welcome", OPEN, session::welcome, doc("What anybody may know before signing in.")
            .gives::<session::WelcomeView>()),
        get("/api/v1/system", READ_SYSTEM, house::system, doc("How the hub fares.")
            .gives::<hearth_hub::SystemView>()),
        post("/api/v1/verify", MAINTAIN, house::verify, doc("Check index, files and records.")
            .sends("application/x-ndjson", "Lines of progress, then one with the report.")).streams().heavy(),
        get("/api/v1/doctor", MAINTAIN, house::doctor, doc("Check what the house promises.")
            .gives::<hearth_hub::DoctorReport>()).streams().heavy(),
    ]
}

#[rustfmt::skip]
fn sign_in() -> Vec<Row> {
    vec![
        post("/api/v1/claim", OPEN, session::claim, doc("Make the first account, with the code from the terminal.")
            .takes::<session::Claim>().makes::<session::SessionBody>()).signs_in(),
        post("/api/v1/session", OPEN, session::sign_in, doc("Sign in.")
            .takes::<session::SignIn>().gives::<session::SessionBody>()).signs_in(),
        get("/api/v1/session", SIGNED_IN, session::show, doc("The sign-in this request comes with.")
            .gives::<session::SessionBody>()),
        delete("/api/v1/session", SIGNED_IN, session::sign_out, doc("Sign out."))
            .recorded_as(AuditClass::SignIn),
        post("/api/v1/claim/renew", OWNER, session::renew_claim, doc("Make a new claim code, while there is no account.")
            .gives::<session::ClaimCode>()),
        post("/api/v1/session/passkey/begin", OPEN, session::begin_passkey, doc("Begin to sign in with a passkey.")
            .gives::<account::PasskeyOptions>()),
        post("/api/v1/session/passkey/finish", OPEN, session::finish_passkey, doc("Sign in with a passkey.")
            .takes::<session::PasskeySignIn>().gives::<session::SessionBody>()).signs_in().body_max(BODY_BYTES_PASSKEY_MAX),
        post("/api/v1/session/provider/begin", OPEN, provider::begin_sign_in, doc("Begin to sign in at the house's provider.")
            .gives::<provider::QuestionBody>()),
        post("/api/v1/session/provider/finish", OPEN, provider::finish_sign_in, doc("Sign in with what the provider answered.")
            .takes::<provider::ProviderAnswer>().gives::<session::SessionBody>()).signs_in(),
        post("/api/v1/session/confirm", ACCOUNT, session::confirm, doc("Prove once more who is signed in; good for ten minutes.")
            .takes::<session::Proof>()).signs_in().recorded_as(AuditClass::SignIn),
    ]
}

#[rustfmt::skip]
fn accounts() -> Vec<Row> {
    vec![
        get("/api/v1/account/sessions", ACCOUNT, account::sessions, doc("One's own sign-ins.")
            .gives::<user::SessionList>()),
        delete("/api/v1/account/sessions", ACCOUNT, account::end_other_sessions, doc("End one's other sign-ins.")
            .gives::<user::EndedSessions>()),
        delete("/api/v1/account/sessions/{session}", ACCOUNT, account::end_session, doc("End one of one's sign-ins.")),
        post("/api/v1/account/password", ACCOUNT, account::change_password, doc("Change one's password; other sign-ins end.")
            .takes::<account::PasswordChange>().gives::<session::SessionBody>()).signs_in(),
        get("/api/v1/account/totp", ACCOUNT, account::second_factor, doc("Whether an authenticator app's code is asked for.")
            .gives::<hearth_hub::SecondFactorView>()),
        post("/api/v1/account/totp", ACCOUNT, account::begin_authenticator, doc("Begin to use an authenticator app.")
            .makes::<account::Authenticator>()),
        post("/api/v1/account/totp/confirm", ACCOUNT, account::confirm_authenticator, doc("Confirm the app by its code.")
            .takes::<account::Code>().gives::<account::RecoveryCodes>()),
        delete("/api/v1/account/totp", ACCOUNT, account::remove_authenticator, doc("Stop using the authenticator app.")),
        post("/api/v1/account/recovery-codes", ACCOUNT, account::new_recovery_codes, doc("Replace the recovery codes.")
            .gives::<account::RecoveryCodes>()),
        get("/api/v1/account/passkeys", ACCOUNT, account::passkeys, doc("One's own passkeys.")
            .gives::<account::PasskeyList>()),
        post("/api/v1/account/passkeys/begin", ACCOUNT, account::begin_passkey, doc("Begin to add a passkey.")
            .gives::<account::PasskeyOptions>()),
        post("/api/v1/account/passkeys/finish", ACCOUNT, account::finish_passkey, doc("Add the passkey that was made.")
            .takes::<account::NewPasskey>().makes::<hearth_hub::PasskeyView>()).body_max(BODY_BYTES_PASSKEY_MAX),
        delete("/api/v1/account/passkeys/{passkey}", ACCOUNT, account::remove_passkey, doc("Remove a passkey.")),
        get("/api/v1/account/provider", ACCOUNT, provider::link, doc("To whom at the provider one's account is linked.")
            .gives::<provider::LinkBody>()),
        post("/api/v1/account/provider/begin", ACCOUNT, provider::begin_link, doc("Begin to link one's account.")
            .gives::<provider::QuestionBody>()),
        post("/api/v1/account/provider/finish", ACCOUNT, provider::finish_link, doc("Link one's account to whoever the provider named.")
            .takes::<provider::ProviderAnswer>().gives::<hearth_hub::LinkView>()),
        delete("/api/v1/account/provider", ACCOUNT, provider::unlink, doc("End one's link.")),
        get("/api/v1/sign-in-provider", MANAGE_USERS, provider::show, doc("The provider at which people may sign in.")
            .gives::<provider::ProviderBody>()),
        put("/api/v1/sign-in-provider", MANAGE_USERS, provider::set, doc("Set the provider, after it has answered.")
            .takes::<provider::NewProviderBody>().gives::<hearth_hub::ProviderView>()),
        delete("/api/v1/sign-in-provider", MANAGE_USERS, provider::remove, doc("Have no provider any more.")),
        get("/api/v1/users", MANAGE_USERS, user::list, doc("All accounts.")
            .gives::<user::UserList>()),
        post("/api/v1/users", MANAGE_USERS, user::add, doc("Make an account.")
            .takes::<user::NewUser>().makes::<user::MadeUserBody>()),
        get("/api/v1/users/{user}", MANAGE_USERS, user::show, doc("One account.")
            .gives::<hearth_hub::UserView>()),
        patch("/api/v1/users/{user}", MANAGE_USERS, user::update, doc("Change an account; what is left out stays.")
            .takes::<hearth_hub::UserPatch>().gives::<hearth_hub::UserView>()),
        delete("/api/v1/users/{user}", MANAGE_USERS, user::remove, doc("Remove an account.")),
        post("/api/v1/users/{user}/password", OWNER, user::reset_password, doc("Give an account another password, on the hub's own machine.")
            .takes::<user::PasswordReset>().gives::<user::MadeUserBody>()).body_max(BODY_BYTES_SIGN_IN_MAX),
        get("/api/v1/users/{user}/sessions", MANAGE_USERS, user::sessions, doc("An account's sign-ins.")
            .gives::<user::SessionList>()),
        delete("/api/v1/users/{user}/sessions", MANAGE_USERS, user::end_sessions, doc("Sign an account out everywhere.")
            .gives::<user::EndedSessions>()),
        delete("/api/v1/users/{user}/sessions/{session}", MANAGE_USERS, user::end_session, doc("End one sign-in of an account.")),
    ]
}

#[rustfmt::skip]
fn programs() -> Vec<Row> {
    vec![
        get("/api/v1/tokens", MANAGE_TOKENS, token::list, doc("Tokens for programs: one's own, or all for whoever manages accounts.")
            .gives::<token::TokenList>()),
        post("/api/v1/tokens", MANAGE_TOKENS, token::add, doc("Make a token for a program.")
            .takes::<token::NewToken>().makes::<token::MadeTokenBody>()),
        post("/api/v1/tokens/{token}/rotate", MANAGE_TOKENS, token::rotate, doc("Give a token another secret.")
            .gives::<token::MadeTokenBody>()),
        delete("/api/v1/tokens/{token}", MANAGE_TOKENS, token::remove, doc("Revoke a token.")),
        post("/api/v1/token", OPEN, token::trade, doc("Trade a token or a refresh token for an access token.")
            .takes::<token::Trade>().gives::<token::AccessBody>()).signs_in().recorded_as(AuditClass::SignIn),
        post("/api/v1/token/revoke", OPEN, token::revoke, doc("Revoke a refresh token with its access tokens.")
            .takes::<token::Revocation>()).body_max(BODY_BYTES_SIGN_IN_MAX).recorded_as(AuditClass::SignIn),
        get("/.well-known/jwks.json", OPEN, token::keys, doc("The keys with which access tokens are signed.")
            .sends("application/json", "A key set (RFC 7517).")),
    ]
}

#[rustfmt::skip]
fn keeping() -> Vec<Row> {
    vec![
        get("/api/v1/keys", MAINTAIN, keeping::show, doc("How the vault's keys stand.")
            .gives::<hearth_hub::KeysView>()),
        post("/api/v1/keys/rotate", MAINTAIN, keeping::rotate, doc("Renew the master key; control socket only.")
            .takes::<keeping::Rotation>().gives::<hearth_hub::KeysView>()).streams().recorded_as(AuditClass::Key),
        post("/api/v1/keys/recovery", MAINTAIN, keeping::make_recovery, doc("Make a recovery key, shown once; control socket only.")
            .takes::<keeping::NewRecoveryKey>().makes::<keeping::RecoveryKeyBody>()).recorded_as(AuditClass::Key),
        post("/api/v1/keys/unlock", MAINTAIN, keeping::set, doc("Set another key file or passphrase; control socket only.")
            .takes::<keeping::Unlock>().gives::<hearth_hub::KeysView>()).body_max(BODY_BYTES_SIGN_IN_MAX).recorded_as(AuditClass::Key),
        post("/api/v1/backup", MAINTAIN, keeping::backup, doc("Everything of the house in one sealed stream; control socket only.")
            .takes::<keeping::BackupBody>().sends("application/octet-stream", "The backup; `x-backup-id` names it.")).body_max(BODY_BYTES_SIGN_IN_MAX).streams().recorded_as(AuditClass::Export),
        post("/api/v1/backup/kept", MAINTAIN, keeping::backup_kept, doc("Note that a backup arrived where it is kept; control socket only.")
            .takes::<keeping::BackupKept>()).recorded_as(AuditClass::Key),
    ]
}

#[rustfmt::skip]
fn cameras() -> Vec<Row> {
    vec![
        get("/api/v1/cameras", LIST_CAMERAS, camera::list, doc("The cameras this account may see.")
            .gives::<camera::CameraList>()),
        post("/api/v1/cameras", MANAGE_CAMERAS, camera::add, doc("Add a camera that answers.")
            .takes::<camera::NewCamera>().makes::<camera::AddedCamera>()).heavy(),
        get("/api/v1/cameras/{camera}", LIVE, camera::show, doc("One camera with its settings.")
            .gives::<hearth_hub::CameraView>()),
        patch("/api/v1/cameras/{camera}", CONFIGURE, camera::update, doc("Change settings; what is left out stays.")
            .takes::<hearth_hub::CameraPatch>().gives::<hearth_hub::CameraView>()),
        delete("/api/v1/cameras/{camera}", CONFIGURE, camera::remove, doc("Remove a camera and erase its footage.")
            .gives::<hearth_hub::ErasedView>()),
    ]
}

#[rustfmt::skip]
fn devices() -> Vec<Row> {
    vec![
        get("/api/v1/devices", READ_DEVICES, device::list, doc("Plugs, thermostats and the control side of cameras.")
            .gives::<device::DeviceList>()),
        post("/api/v1/devices", MANAGE_CAMERAS, device::add, doc("Add a device that answers.")
            .takes::<device::NewDeviceBody>().makes::<hearth_hub::DeviceView>()).heavy(),
        post("/api/v1/devices/discover", MANAGE_CAMERAS, device::discover, doc("Ask the network for devices; lists who answered.")
            .takes::<device::SearchBody>().gives::<hearth_hub::DiscoveryView>()).heavy(),
        post("/api/v1/devices/probe", MANAGE_CAMERAS, device::probe, doc("Make one attempt with a device; nothing is kept.")
            .takes::<device::ProbeBody>().gives::<hearth_hub::ProbeView>()).heavy(),
        get("/api/v1/devices/{device}", READ_DEVICES, device::show, doc("One device.")
            .gives::<hearth_hub::DeviceView>()),
        patch("/api/v1/devices/{device}", MANAGE_CAMERAS, device::update, doc("Change a device; what is left out stays.")
            .takes::<hearth_hub::DevicePatch>().gives::<hearth_hub::DeviceView>()),
        delete("/api/v1/devices/{device}", MANAGE_CAMERAS, device::remove, doc("Remove a device and destroy the key of its password.")),
        put("/api/v1/devices/{device}/credentials", MANAGE_CAMERAS, device::set_credentials, doc("Enter a device's password again; one attempt.")
            .takes::<device::CredentialsBody>().gives::<hearth_hub::DeviceView>()).body_max(BODY_BYTES_SIGN_IN_MAX).recorded_as(AuditClass::Key),
        post("/api/v1/devices/{device}/certificate", MANAGE_CAMERAS, device::trust, doc("Confirm the certificate that a device shows now.")
            .takes::<device::CertificateBody>().gives::<hearth_hub::DeviceView>()).recorded_as(AuditClass::Key),
        put("/api/v1/devices/{device}/controls/{control}", CONTROL_DEVICES, device::set_control, doc("Set a control; answers when the device acknowledged it.")
            .takes::<device::ValueBody>().gives::<hearth_hub::Control>()),
        post("/api/v1/devices/{device}/actions/{action}", CONTROL_DEVICES, device::act, doc("Do something once; answers when the device acknowledged it.")
            .takes::<device::Arguments>()),
        get("/api/v1/devices/{device}/schedules", READ_DEVICES, device_rule::schedules, doc("What a device is set to at which time.")
            .gives::<device_rule::ScheduleList>()),
        post("/api/v1/devices/{device}/schedules", CONTROL_DEVICES, device_rule::add_schedule, doc("Set a device at a time of the house.")
            .takes::<hearth_hub::Schedule>().makes::<device_rule::KeptSchedule>()),
        put("/api/v1/devices/{device}/schedules/{rule}", CONTROL_DEVICES, device_rule::change_schedule, doc("Change a schedule; it begins anew.")
            .takes::<hearth_hub::Schedule>().gives::<device_rule::KeptSchedule>()),
        delete("/api/v1/devices/{device}/schedules/{rule}", CONTROL_DEVICES, device_rule::remove_schedule, doc("Remove a schedule.")),
        get("/api/v1/devices/{device}/limits", READ_DEVICES, device_rule::limits, doc("What of a device is watched.")
            .gives::<device_rule::LimitList>()),
        post("/api/v1/devices/{device}/limits", CONTROL_DEVICES, device_rule::add_limit, doc("Watch what a device measures.")
            .takes::<hearth_hub::Limit>().makes::<device_rule::KeptLimit>()),
        put("/api/v1/devices/{device}/limits/{rule}", CONTROL_DEVICES, device_rule::change_limit, doc("Change a limit; it begins anew.")
            .takes::<hearth_hub::Limit>().gives::<device_rule::KeptLimit>()),
        delete("/api/v1/devices/{device}/limits/{rule}", CONTROL_DEVICES, device_rule::remove_limit, doc("Remove a limit.")),
        post("/api/v1/rooms/{room}/commands", CONTROL_DEVICES, room::command, doc("Switch everything in a room; says of each whether it acknowledged.")
            .takes::<room::RoomCommand>().gives::<room::RoomResults>()),
        get("/api/v1/energy", READ_DEVICES, energy::energy, doc("What plugs use.")
            .time("from", "First instant.").time("to", "First instant after.")
            .text_if("step", "`hour`, `day` or `month`; a day unless given.").gives::<hearth_hub::EnergyView>()),
        put("/api/v1/energy/tariff", MANAGE_CAMERAS, energy::set_tariff, doc("Say what energy costs; null for nobody knows.")
            .takes::<energy::TariffBody>()),
        get("/api/v1/climate", READ_DEVICES, energy::climate, doc("How warm rooms are and were.")
            .time("from", "First instant.").time("to", "First instant after.").gives::<hearth_hub::ClimateView>()),
        get("/api/v1/house/privacy", READ_DEVICES, privacy::show, doc("How the house's privacy switch stands.")
            .gives::<hearth_hub::PrivacyView>()),
        put("/api/v1/house/privacy", CONTROL_DEVICES, privacy::set, doc("Close every camera, or open them again; answers when each did.")
            .takes::<privacy::PrivacyBody>().gives::<hearth_hub::PrivacyView>()),
    ]
}

#[rustfmt::skip]
fn people() -> Vec<Row> {
    vec![
        get("/api/v1/faces", LIST_CAMERAS, person::faces, doc("What is done with faces in this house.")
            .gives::<hearth_hub::FacesView>()),
        patch("/api/v1/faces", MANAGE_PEOPLE, person::set_faces, doc("Say how much of visitors is kept and shown; what is left out stays.")
            .takes::<hearth_hub::FacePatch>().gives::<hearth_hub::FacesView>()),
        get("/api/v1/people", MANAGE_PEOPLE, person::list, doc("People who are known.")
            .gives::<person::PersonList>()),
        post("/api/v1/people", MANAGE_PEOPLE, person::add, doc("Add somebody, with their consent if it is known already.")
            .takes::<person::NewPerson>().makes::<hearth_hub::PersonView>()),
        get("/api/v1/people/unknown", MANAGE_PEOPLE, person::strangers, doc("Strangers who came more than once, as far as the hub remembers.")
            .gives::<person::StrangerList>()),
        post("/api/v1/people/unknown/{visitor}/ignore", MANAGE_PEOPLE, person::ignore_stranger, doc("Show a stranger no more, however often they come.")),
        post("/api/v1/people/unknown/{visitor}/split", MANAGE_PEOPLE, person::split_stranger, doc("Say that several people were taken for one stranger; they are learned anew.")),
        get("/api/v1/people/groups", MANAGE_PEOPLE, person::groups, doc("Groups of people, with the rules that name them.")
            .gives::<person::GroupList>()),
        post("/api/v1/people/groups", MANAGE_PEOPLE, person::add_group, doc("Make a group of people.")
            .takes::<hearth_hub::NewGroup>().makes::<hearth_hub::GroupView>()),
        put("/api/v1/people/groups/{group}", MANAGE_PEOPLE, person::change_group, doc("Say what a group is called and who belongs to it.")
            .takes::<hearth_hub::NewGroup>().gives::<hearth_hub::GroupView>()),
        delete("/api/v1/people/groups/{group}", MANAGE_PEOPLE, person::remove_group, doc("Remove a group; its people stay.")),
        get("/api/v1/people/{person}", MANAGE_PEOPLE, person::show, doc("One person with what is kept of their face.")
            .gives::<hearth_hub::PersonDetail>()),
        patch("/api/v1/people/{person}", MANAGE_PEOPLE, person::update, doc("Rename somebody, or say when to be told; what is left out stays.")
            .takes::<hearth_hub::PersonPatch>().gives::<hearth_hub::PersonView>()),
        delete("/api/v1/people/{person}", MANAGE_PEOPLE, person::erase, doc("Erase a person: key, faces, pictures.")
            .switch_if("footage", "Whether what was recorded around their visits goes too.")
            .gives::<hearth_hub::ErasedPerson>()),
        get("/api/v1/people/{person}/export", MANAGE_PEOPLE, person::export, doc("Everything that is kept of a person.")
            .gives::<hearth_hub::PersonExport>()).recorded_as(AuditClass::Export),
        put("/api/v1/people/{person}/consent", MANAGE_PEOPLE, person::set_consent, doc("Record that a person agreed.")
            .takes::<hearth_hub::NewConsent>().gives::<hearth_hub::PersonView>()),
        delete("/api/v1/people/{person}/consent", MANAGE_PEOPLE, person::withdraw_consent, doc("Record that a person withdrew their consent.")
            .gives::<hearth_hub::PersonView>()),
        post("/api/v1/people/{person}/samples", MANAGE_PEOPLE, person::add_photo, doc("Add a view of a face from a photograph, which is the body (image/jpeg or image/png).")
            .number_if("face", "Which face, if there are several.").makes::<hearth_hub::SampleView>()).heavy().body_max(BODY_BYTES_PHOTO_MAX),
        post("/api/v1/people/{person}/samples/camera", MANAGE_PEOPLE, person::add_from_camera, doc("Add a view of a face from a camera.")
            .takes::<person::FromCamera>().makes::<hearth_hub::SampleView>()).heavy(),
        post("/api/v1/people/{person}/samples/visit", MANAGE_PEOPLE, person::add_from_visit, doc("Add a view of a face from a visit.")
            .takes::<person::FromVisit>().makes::<hearth_hub::SampleView>()).heavy(),
        delete("/api/v1/people/{person}/samples/{sample}", MANAGE_PEOPLE, person::remove_sample, doc("Remove a view of a face.")),
        get("/api/v1/people/{person}/samples/{sample}/picture.jpg", MANAGE_PEOPLE, person::sample_picture, doc("The picture of a sample.")
            .sends("image/jpeg", "The face with a border.")),
        delete("/api/v1/people/{person}/rejections/{sample}", MANAGE_PEOPLE, person::remove_sample, doc("Take back that a face is not this person's.")),
    ]
}

#[rustfmt::skip]
fn watch_list() -> Vec<Row> {
    vec![
        get("/api/v1/watch-list", MANAGE_PEOPLE, watch_list::show, doc("People a house looks out for, and faces that wait for a person to look at them.")
            .gives::<hearth_hub::WatchListView>()),
        put("/api/v1/watch-list/settings", MANAGE_PEOPLE, watch_list::set, doc("Say whether faces are compared with the list, and whether a published one is read.")
            .takes::<hearth_hub::WatchListSettings>().gives::<hearth_hub::WatchListView>()),
        post("/api/v1/watch-list/import", MANAGE_PEOPLE, watch_list::import, doc("Read the published list now; `last_import` tells how it went.")
            .accepts::<hearth_hub::WatchListView>()),
        delete("/api/v1/watch-list/import", MANAGE_PEOPLE, watch_list::forget_published, doc("Take everybody off whom a published list named, and read it no more.")
            .gives::<hearth_hub::WatchListView>()),
        post("/api/v1/watch-list/people", MANAGE_PEOPLE, watch_list::add, doc("Put somebody on the list, with a reason and an end.")
            .takes::<hearth_hub::NewWatched>().makes::<hearth_hub::WatchedView>()),
        put("/api/v1/watch-list/people/{watched}", MANAGE_PEOPLE, watch_list::change, doc("Say anew who somebody is, why and until when they are watched for.")
            .takes::<hearth_hub::NewWatched>().gives::<hearth_hub::WatchedView>()),
        delete("/api/v1/watch-list/people/{watched}", MANAGE_PEOPLE, watch_list::remove, doc("Take somebody off the list: key, faces, pictures.")),
        post("/api/v1/watch-list/people/{watched}/faces", MANAGE_PEOPLE, watch_list::add_photo, doc("Add a view of a face from a photograph, which is the body (image/jpeg or image/png).")
            .number_if("face", "Which face, if there are several.").makes::<hearth_hub::WatchedView>()).heavy().body_max(BODY_BYTES_PHOTO_MAX),
        post("/api/v1/watch-list/people/{watched}/faces/visit", MANAGE_PEOPLE, watch_list::add_from_visit, doc("Add a view of a face from a visit.")
            .takes::<person::FromVisit>().makes::<hearth_hub::WatchedView>()).heavy(),
        delete("/api/v1/watch-list/people/{watched}/faces/{sample}", MANAGE_PEOPLE, watch_list::remove_face, doc("Remove a view of a face.")),
        get("/api/v1/watch-list/people/{watched}/faces/{sample}/picture.jpg", MANAGE_PEOPLE, watch_list::face_picture, doc("The picture of a view.")
            .sends("image/jpeg", "The face with a border.")),
        get("/api/v1/visits/{visit}/faces/{face}/waiting.jpg", MANAGE_PEOPLE, watch_list::waiting_face, doc("A face that waits for a person to look at it, as long as it is remembered.")
            .sends("image/jpeg", "The face with a border.")).recorded_as(AuditClass::View),
        post("/api/v1/visits/{visit}/faces/{face}/watch", MANAGE_PEOPLE, watch_list::review, doc("Say whether a face is that of somebody on the watch list.")
            .takes::<watch_list::WatchReview>().gives::<hearth_hub::VisitView>()),
    ]
}

#[rustfmt::skip]
fn visits() -> Vec<Row> {
    vec![
        get("/api/v1/visits", READ_EVENTS, visit::list, doc("Who came to a door, newest first.")
            .text_if("state", "Only `new`, `seen`, `answered` or `missed` ones.").text_if("camera", "Only at this camera.")
            .text_if("person", "Only with this person.").text_if("unknown", "`true`: only with somebody unknown.")
            .text_if("kept", "`true`: only kept ones.").text_if("before", "The `next` of the page before.")
            .number_if("limit", "At most so many.").gives::<hearth_hub::VisitPage>()),
        get("/api/v1/visits/{visit}", READ_EVENTS, visit::show, doc("One visit.")
            .gives::<hearth_hub::VisitView>()),
        patch("/api/v1/visits/{visit}", READ_EVENTS, visit::update, doc("Mark a visit, keep it, or note something; what is left out stays.")
            .takes::<hearth_hub::VisitPatch>().gives::<hearth_hub::VisitView>()).recorded_as(AuditClass::Control),
        delete("/api/v1/visits/{visit}", MANAGE_HOLDS, visit::remove, doc("Remove a visit with its pictures.")),
        get("/api/v1/visits/{visit}/picture.jpg", READ_EVENTS, visit::picture, doc("The picture of a visit.")
            .sends("image/jpeg", "The picture.")),
        get("/api/v1/visits/{visit}/faces/{face}/picture.jpg", READ_EVENTS, visit::face_picture, doc("The picture of a face of a visit.")
            .sends("image/jpeg", "The face with a border.")),
        post("/api/v1/visits/{visit}/faces/{face}/reject", MANAGE_PEOPLE, visit::reject, doc("Say that a face is not the person it was taken for.")
            .gives::<hearth_hub::RejectedFace>()),
        post("/api/v1/cameras/{camera}/ring", CONTROL, visit::ring, doc("Ring at a door.")
            .gives::<hearth_hub::VisitView>()),
        get("/api/v1/replies", LIST_CAMERAS, reply::list, doc("What can be said at a door.")
            .gives::<reply::ReplyList>()),
        post("/api/v1/replies", MANAGE_CAMERAS, reply::add, doc("Add something to say from a WAV file of at most 15 seconds, which is the body (audio/wav).")
            .text("name", "What it is called.").makes::<hearth_hub::ReplyView>()).heavy().body_max(BODY_BYTES_SOUND_MAX),
        delete("/api/v1/replies/{reply}", MANAGE_CAMERAS, reply::remove, doc("Remove something to say.")),
        post("/api/v1/cameras/{camera}/replies/{reply}", CONTROL, reply::say, doc("Say something through a camera's loudspeaker; answers when the camera has taken all of it.")
            .gives::<hearth_hub::SpokenView>()).streams(),
        get("/api/v1/cameras/{camera}/talk", CONTROL, talk::web_socket, doc("Speak through a camera's loudspeaker, for two minutes at most.")
            .upgrades("A WebSocket: binary messages are mu-law, 8,000 samples a second, an empty one says that it is done; texts are JSON.")).lasts().recorded_as(AuditClass::Control),
    ]
}

#[rustfmt::skip]
fn alarm_routes() -> Vec<Row> {
    vec![
        get("/api/v1/alarm", READ_DEVICES, alarm::show, doc("How the alarm stands.")
            .gives::<hearth_hub::AlarmView>()),
        put("/api/v1/alarm/mode", ARM, alarm::arm, doc("Arm the house, or disarm it after proving who one is.")
            .takes::<alarm::ArmBody>().gives::<hearth_hub::AlarmView>()),
        post("/api/v1/alarm/pin", ARM, alarm::enter_pin, doc("Disarm by a PIN.")
            .takes::<alarm::PinBody>().gives::<hearth_hub::AlarmView>()),
        // A silent call must not show in a log that can be read in the house; the hub records it.
        post("/api/v1/alarm/panic", ARM, alarm::panic, doc("Call for help.")
            .takes::<alarm::PanicBody>()).recorded_by_the_hub(),
        post("/api/v1/alarm/acknowledge", ARM, alarm::acknowledge, doc("Look into an alarm; sirens fall silent.")
            .gives::<hearth_hub::AlarmView>()),
        get("/api/v1/alarm/setup", MANAGE_RULES, alarm::setup, doc("What the alarm watches, how long it waits, what it sounds.")
            .gives::<hearth_hub::AlarmSetup>()),
        put("/api/v1/alarm/setup", MANAGE_RULES, alarm::set_up, doc("Change that.")
            .takes::<hearth_hub::AlarmSetup>().gives::<hearth_hub::AlarmSetup>()),
        get("/api/v1/alarm/pins", MANAGE_RULES, alarm::pins, doc("Who has a PIN.")
            .gives::<alarm::PinList>()),
        put("/api/v1/alarm/pins", MANAGE_RULES, alarm::set_pin, doc("Give somebody a PIN in place of the one they had.")
            .takes::<alarm::NewPin>().gives::<alarm::PinList>()),
        delete("/api/v1/alarm/pins", MANAGE_RULES, alarm::remove_pin, doc("Take somebody's PINs away.")
            .text("holder", "Whose.")),
    ]
}

#[rustfmt::skip]
fn rules() -> Vec<Row> {
    vec![
        get("/api/v1/rules", MANAGE_RULES, rule::list, doc("Rules of the house.")
            .gives::<rule::RuleList>()),
        post("/api/v1/rules", MANAGE_RULES, rule::add, doc("Make a rule.")
            .takes::<hearth_hub::Rule>().makes::<hearth_hub::RuleView>()),
        get("/api/v1/rules/vocabulary", MANAGE_RULES, rule::vocabulary, doc("What rules of this house can speak of.")
            .gives::<hearth_hub::VocabularyView>()),
        post("/api/v1/rules/check", MANAGE_RULES, rule::check, doc("Look at a rule before it is in force: findings, conflicts, and what it would have done in seven days.")
            .takes::<rule::RuleToCheck>().gives::<hearth_hub::CheckedRule>()).heavy(),
        post("/api/v1/rules/draft", MANAGE_RULES, rule::draft, doc("Make a draft of a sentence; it is not in force.")
            .takes::<rule::Sentence>().gives::<hearth_hub::DraftView>()),
        get("/api/v1/rules/drafting", MANAGE_RULES, rule::drafting, doc("Whether a model of one's own choice drafts rules, and which.")
            .gives::<hearth_hub::DraftingView>()),
        put("/api/v1/rules/drafting", MANAGE_RULES, rule::set_drafting, doc("Change that; a key that is left out stays.")
            .takes::<hearth_hub::NewDrafting>().gives::<hearth_hub::DraftingView>()),
        post("/api/v1/rules/drafting/test", MANAGE_RULES, rule::test_drafting, doc("Ask the model for a word, to see that it answers.")
            .gives::<hearth_hub::DraftingTest>()).heavy(),
        get("/api/v1/rules/runs", MANAGE_RULES, rule::runs, doc("What rules did and why, newest first.")
            .text_if("rule", "Only of this rule.").number_if("before", "Only with a lower number.").number_if("limit", "How many; 50 unless given.")
            .gives::<rule::RunList>()),
        get("/api/v1/rules/{rule}", MANAGE_RULES, rule::show, doc("One rule.")
            .gives::<hearth_hub::RuleView>()),
        put("/api/v1/rules/{rule}", MANAGE_RULES, rule::change, doc("Change a rule.")
            .takes::<hearth_hub::Rule>().gives::<hearth_hub::RuleView>()),
        delete("/api/v1/rules/{rule}", MANAGE_RULES, rule::remove, doc("Remove a rule with its history.")),
        post("/api/v1/rules/{rule}/resume", MANAGE_RULES, rule::resume, doc("Judge a rule again that was suspended for its errors.")),
    ]
}

#[rustfmt::skip]
fn media() -> Vec<Row> {
    vec![
        get("/api/v1/cameras/{camera}/live", LIVE, live::web_socket, doc("Live pictures and sound.")
            .upgrades("A WebSocket: texts are JSON, binary messages are fMP4 segments or JPEG pictures.")).lasts(),
        get("/api/v1/cameras/{camera}/live.mjpeg", LIVE, picture::live_mjpeg, doc("Live key frames as pictures.")
            .sends("multipart/x-mixed-replace", "At most one picture a second.")).lasts(),
        get("/api/v1/cameras/{camera}/snapshot.jpg", LIVE, picture::snapshot, doc("One picture.")
            .time_if("at", "When; without it, now.").sends("image/jpeg", "`X-Frame-Time` says when it was taken.")).heavy(),
        get("/api/v1/cameras/{camera}/keyframe", PLAYBACK, picture::key_frame, doc("The key frame at or before a time.")
            .time("at", "When.").sends("application/octet-stream", "Length-prefixed NAL units, or a JPEG.")),
        get("/api/v1/cameras/{camera}/timeline", PLAYBACK, clip::timeline, doc("Footage, holes and activity over a time.")
            .time("from", "First instant.").time("to", "First instant after.").gives::<hearth_hub::TimelineView>()),
        get("/api/v1/cameras/{camera}/clip", PLAYBACK, clip::describe, doc("What a clip will be.")
            .time("from", "First instant.").time("to", "First instant after.").gives::<hearth_hub::ClipView>()).heavy(),
        get("/api/v1/cameras/{camera}/clip.mp4", PLAYBACK, clip::play, doc("Footage as one MP4 file; ranges are served.")
            .time("from", "First instant.").time("to", "First instant after.")
            .number_if("download", "1 to save it as a file, which takes the right to export.")
            .sends("video/mp4", "The file, or the range asked for (206).")).streams().heavy().exports_by("download"),
    ]
}

#[rustfmt::skip]
fn events() -> Vec<Row> {
    vec![
        get("/api/v1/events", READ_EVENTS, event::list, doc("What happened, newest first.")
            .text_if("kind", "Only these kinds, separated by commas.").text_if("camera", "Only this camera.")
            .text_if("label", "Only this label.").time_if("from", "Not before.").time_if("to", "Before.")
            .text_if("before", "The `next` of the page before.").number_if("limit", "At most so many.")
            .gives::<hearth_hub::EventPage>()),
        get("/api/v1/events/stream", READ_EVENTS, event::stream, doc("What happens, as it happens.")
            .number_if("after", "Resume behind this `seq`; the header `Last-Event-ID` goes first.")
            .text_if("kind", "Only these kinds, separated by commas; with a filter only facts are told.")
            .text_if("camera", "Only of this camera.")
            .text_if("label", "Only with this label.")
            .text_if("severity", "Only facts that want as much attention, or more.")
            .sends("text/event-stream", "`event`, `status` and `gone`.")).lasts(),
        get("/api/v1/events/{event}/thumbnail.jpg", READ_EVENTS, event::thumbnail, doc("The picture kept with an activity.")
            .sends("image/jpeg", "The picture.")),
        post("/api/v1/events/{event}/description", READ_EVENTS, event::describe, doc("What a language model of one's own choice says of an activity, if the house lets it; kept nowhere.")
            .gives::<hearth_hub::DescriptionView>()).heavy().recorded_as(AuditClass::Export),
        get("/api/v1/holds", MANAGE_HOLDS, hold::list, doc("Footage protected from retention.")
            .gives::<hold::HoldList>()),
        post("/api/v1/holds", MANAGE_HOLDS, hold::add, doc("Protect footage from retention.")
            .takes::<hold::NewHold>().makes::<hearth_hub::HoldView>()),
        delete("/api/v1/holds/{hold}", MANAGE_HOLDS, hold::remove, doc("End a protection.")),
    ]
}

/// Whoever may set a camera up sees and corrects its pictures; the hub asks for each.
#[rustfmt::skip]
fn reviews() -> Vec<Row> {
    vec![
        get("/api/v1/review", READ_EVENTS, review::list, doc("Pictures to look at of cameras that one may set up, newest first.")
            .text_if("state", "Only `waiting`, `done` or `skipped` ones.").text_if("camera", "Only of this camera.")
            .text_if("label", "Only with one of these in it.").text_if("reason", "Only `unsure`, `corrected` or `sampled` ones.")
            .text_if("before", "The `next` of the page before.").number_if("limit", "At most so many; 50 unless given.")
            .gives::<hearth_hub::ReviewPage>()),
        get("/api/v1/review/settings", READ_EVENTS, review::settings, doc("What is queued to be looked at.")
            .gives::<hearth_hub::ReviewSettingsView>()),
        put("/api/v1/review/settings", MANAGE_CAMERAS, review::set_settings, doc("Change what is queued.")
            .takes::<hearth_hub::ReviewSettings>().gives::<hearth_hub::ReviewSettingsView>()),
        get("/api/v1/review/drift", READ_EVENTS, review::drift, doc("How sure the detector is, and was.")
            .gives::<review::DriftList>()),
        get("/api/v1/review/export", READ_EVENTS, review::export, doc("Pictures and labels as an archive.")
            .text("format", "`coco` or `yolo`.").text_if("state", "With this state; `done` unless given.")
            .sends("application/zip", "At most 2,000 pictures, the newest.")).streams().heavy().recorded_as(AuditClass::Export),
        put("/api/v1/review/{review}", READ_EVENTS, review::update, doc("Say what is in a picture.")
            .takes::<hearth_hub::ReviewChange>().gives::<hearth_hub::ReviewItem>()).recorded_as(AuditClass::Configure),
        delete("/api/v1/review/{review}", READ_EVENTS, review::remove, doc("Erase a picture.")).recorded_as(AuditClass::Configure),
        get("/api/v1/review/{review}/picture.jpg", READ_EVENTS, review::picture, doc("The picture, with nobody to be recognised in it.")
            .sends("image/jpeg", "At most 640 pixels wide.")),
        post("/api/v1/events/{event}/correct", READ_EVENTS, review::correct, doc("Say what an activity really was; the fact stays as it was told.")
            .takes::<review::Correction>().accepts::<hearth_hub::ReviewItem>()).heavy().recorded_as(AuditClass::Configure),
    ]
}

#[rustfmt::skip]
fn searching() -> Vec<Row> {
    vec![
        get("/api/v1/search", READ_EVENTS, search::search, doc("Find what happened by words and filters, newest first.")
            .text_if("q", "Words: cameras, zones, devices, people, things seen, kinds, times; the rest must be in a text.")
            .text_if("kind", "Only this kind; several times for more.").text_if("camera", "Only this camera; several times for more.")
            .text_if("label", "Only this label.").text_if("zone", "Only in this zone.").text_if("person", "Only visits of this person.")
            .text_if("device", "Only about this device.").time_if("from", "Not before.").time_if("to", "Before.")
            .text_if("before", "The `next` of the page before.").number_if("limit", "At most so many.")
            .gives::<hearth_hub::SearchPage>()),
        get("/api/v1/events/{event}/similar", READ_EVENTS, search::similar, doc("Activities most like one, in order of time.")
            .number_if("limit", "At most so many; 10 unless given.").text_if("direction", "`both`, `later` or `earlier`.")
            .gives::<search::SimilarList>()),
        post("/api/v1/questions", READ_EVENTS, search::ask, doc("Ask about the house in English.")
            .takes::<hearth_hub::NewQuestion>().gives::<hearth_hub::AnswerView>()).recorded_as(AuditClass::View),
        get("/api/v1/conversations", READ_EVENTS, search::conversations, doc("One's own conversations, newest first.")
            .gives::<search::ConversationList>()),
        get("/api/v1/conversations/{conversation}", READ_EVENTS, search::conversation, doc("One of one's own conversations.")
            .gives::<hearth_hub::ConversationDetail>()),
        delete("/api/v1/conversations/{conversation}", READ_EVENTS, search::remove_conversation, doc("Remove one of one's own conversations.")).recorded_as(AuditClass::Configure),
        get("/api/v1/insights", READ_EVENTS, search::insights, doc("What was unusual in the last 24 hours.")
            .gives::<hearth_hub::InsightsView>()),
        get("/api/v1/forecast", READ_EVENTS, search::forecast, doc("How many activities are to be expected tomorrow.")
            .text_if("camera", "Only at this camera.").text_if("label", "Only of this label.")
            .gives::<hearth_hub::ForecastView>()),
        get("/api/v1/searches", READ_EVENTS, search::searches, doc("One's own kept searches.")
            .gives::<search::SearchList>()),
        post("/api/v1/searches", READ_EVENTS, search::save, doc("Keep a search.")
            .takes::<hearth_hub::NewSavedSearch>().makes::<hearth_hub::SavedSearchView>()).recorded_as(AuditClass::Configure),
        delete("/api/v1/searches/{search}", READ_EVENTS, search::remove_search, doc("Remove one of one's own kept searches.")).recorded_as(AuditClass::Configure),
    ]
}

#[rustfmt::skip]
fn security() -> Vec<Row> {
    vec![
        get("/metrics", READ_METRICS, metrics::text, doc("Security and performance in numbers, for Prometheus.")
            .sends("text/plain", "Text format 0.0.4.")),
        get("/api/v1/watchers", LIST_CAMERAS, watcher::list, doc("Who is watching which camera at this moment.")
            .gives::<watcher::WatcherList>()),
        get("/api/v1/audit", READ_AUDIT, audit_log::list, audit_log::filters(doc("Who did what, newest first."))
            .number_if("before", "The `next` of the page before.").number_if("after", "Only numbers above this one.")
            .number_if("limit", "At most so many.").gives::<hearth_hub::AuditPage>()),
        get("/api/v1/audit/export", READ_AUDIT, audit_log::export, audit_log::filters(doc("Who did what, oldest first, as lines."))
            .sends("application/x-ndjson", "One entry a line.")).streams().recorded_as(AuditClass::Export),
        get("/api/v1/incidents", READ_INCIDENTS, incident::list, doc("What somebody should look into, newest first.")
            .text_if("state", "Only `open`, `acknowledged` or `resolved` ones.")
            .text_if("severity", "Only those as bad as this, or worse.").text_if("kind", "Only of this kind.")
            .text_if("camera", "Only those of which this camera noticed something.")
            .text_if("about", "Only about the house (`safety`), or about the hub (`security`).")
            .text_if("order", "`newest` first unless given, or `oldest`.").gives::<incident::IncidentList>()),
        get("/api/v1/incidents/{incident}", READ_INCIDENTS, incident::show, doc("One incident with its timeline.")
            .gives::<hearth_hub::IncidentView>()),
        post("/api/v1/incidents/acknowledge", MANAGE_INCIDENTS, incident::acknowledge_all, doc("Look into several at once.")
            .takes::<incident::Acknowledgement>().gives::<hearth_hub::AcknowledgedView>()),
        post("/api/v1/incidents/{incident}/acknowledge", MANAGE_INCIDENTS, incident::acknowledge, doc("Look into it: it is told no more.")
            .gives::<hearth_hub::IncidentView>()),
        post("/api/v1/incidents/{incident}/resolve", MANAGE_INCIDENTS, incident::resolve, doc("Settle it.")
            .takes::<incident::Resolution>().gives::<hearth_hub::IncidentView>()),
        post("/api/v1/incidents/{incident}/notes", MANAGE_INCIDENTS, incident::note, doc("Write something down about it.")
            .takes::<incident::Note>().gives::<hearth_hub::IncidentView>()),
        get("/api/v1/incidents/{incident}/export", READ_AUDIT, incident::export, doc("An incident with the audit log around it.")
            .gives::<hearth_hub::IncidentExport>()).recorded_as(AuditClass::Export),
        get("/api/v1/security/summary", READ_AUDIT, incident::summary, doc("Today and the days before in numbers.")
            .gives::<hearth_hub::SummaryView>()),
    ]
}

#[rustfmt::skip]
fn notifications() -> Vec<Row> {
    vec![
        get("/api/v1/notifications/channels", MANAGE_NOTIFICATIONS, notification::channels, doc("The ways to tell people.")
            .gives::<notification::ChannelList>()),
        post("/api/v1/notifications/channels", MANAGE_NOTIFICATIONS, notification::add_channel, doc("Set up a way to tell people.")
            .takes::<notification::ChannelBody>().makes::<hearth_hub::ChannelView>()),
        put("/api/v1/notifications/channels/{channel}", MANAGE_NOTIFICATIONS, notification::set_channel, doc("Change a channel as a whole; a secret that is left out stays.")
            .takes::<notification::ChannelBody>().gives::<hearth_hub::ChannelView>()),
        delete("/api/v1/notifications/channels/{channel}", MANAGE_NOTIFICATIONS, notification::remove_channel, doc("Remove a channel that nobody uses, and its secret.")),
        get("/api/v1/notifications/recipients", MANAGE_NOTIFICATIONS, notification::recipients, doc("Who is told what.")
            .gives::<notification::RecipientList>()),
        post("/api/v1/notifications/recipients", MANAGE_NOTIFICATIONS, notification::add_recipient, doc("Add somebody who is told.")
            .takes::<notification::RecipientBody>().makes::<hearth_hub::RecipientView>()),
        put("/api/v1/notifications/recipients/{recipient}", MANAGE_NOTIFICATIONS, notification::set_recipient, doc("Change a recipient as a whole.")
            .takes::<notification::RecipientBody>().gives::<hearth_hub::RecipientView>()),
        delete("/api/v1/notifications/recipients/{recipient}", MANAGE_NOTIFICATIONS, notification::remove_recipient, doc("Remove a recipient; what waits for it is erased.")),
        get("/api/v1/notifications/escalation", MANAGE_NOTIFICATIONS, notification::escalation, doc("Who else is told if nobody answers.")
            .gives::<hearth_hub::Escalation>()),
        put("/api/v1/notifications/escalation", MANAGE_NOTIFICATIONS, notification::set_escalation, doc("Say who else is told if nobody answers.")
            .takes::<hearth_hub::Escalation>().gives::<hearth_hub::Escalation>()),
        post("/api/v1/notifications/test", MANAGE_NOTIFICATIONS, notification::test, doc("Send a recipient a test at once; says how long it took.")
            .takes::<notification::TestBody>().gives::<hearth_hub::TestView>()).heavy(),
        get("/api/v1/notifications/deliveries", MANAGE_INCIDENTS, notification::deliveries, doc("What was told to whom and what became of it, newest first; never what it said.")
            .text_if("state", "Only `waiting`, `sent`, `dead` or `acknowledged` ones.").text_if("recipient", "Only of this recipient.").text_if("matter", "Only of this matter, e.g. an incident by its ID.")
            .text_if("before", "The `next` of the page before.").number_if("limit", "At most so many.")
            .gives::<hearth_hub::DeliveryPage>()),
        post("/api/v1/notifications/deliveries/{delivery}/replay", MANAGE_INCIDENTS, notification::replay, doc("Have what was given up tried again.")
            .gives::<hearth_hub::DeliveryView>()),
        get("/api/v1/notifications/matters", MANAGE_INCIDENTS, notification::matters, doc("Matters that somebody should acknowledge, newest first.")
            .number_if("all", "1 for those that somebody has, too.").gives::<notification::MatterList>()),
        post("/api/v1/notifications/matters/{matter}/acknowledge", MANAGE_INCIDENTS, notification::acknowledge, doc("Look after a matter: it is told no more, to nobody.")
            .gives::<hearth_hub::MatterView>()),
        get("/api/v1/notifications/mute", MANAGE_INCIDENTS, notification::mute, doc("Until when only critical matters are told.")
            .gives::<hearth_hub::MuteView>()),
        put("/api/v1/notifications/mute", MANAGE_INCIDENTS, notification::set_mute, doc("Have only critical matters told for a while, or everything again.")
            .takes::<notification::MuteBody>().gives::<hearth_hub::MuteView>()),
        get("/api/v1/notifications/web-push", ACCOUNT, notification::web_push, doc("Whether browsers can be told, and one's own that are.")
            .gives::<hearth_hub::WebPushView>()),
        post("/api/v1/notifications/web-push", ACCOUNT, notification::subscribe, doc("Have one's own browser told.")
            .takes::<notification::SubscribeBody>().makes::<hearth_hub::SubscriptionView>()),
        delete("/api/v1/notifications/web-push/{recipient}", ACCOUNT, notification::unsubscribe, doc("Have one's own browser told no more.")),
    ]
}

/// Each tool asks the policy for itself, and is recorded for itself.
#[rustfmt::skip]
fn assistants() -> Vec<Row> {
    vec![
        post("/mcp", SIGNED_IN, assistant::message, doc("One message of an AI assistant (Model Context Protocol, streamable HTTP).")
            .text_if("mode", "`read` for a session that only looks.").sends("application/json", "A JSON-RPC 2.0 message; 202 if there is nothing to answer.")),
        get("/mcp", SIGNED_IN, assistant::listen, doc("What an assistant's session is told without asking.")
            .sends("text/event-stream", "JSON-RPC 2.0 messages.")).lasts(),
        delete("/mcp", SIGNED_IN, assistant::end, doc("End an assistant's session.")),
        get("/llms.txt", SIGNED_IN, assistant::in_short, doc("In short what assistants can do here (llmstxt.org).")
            .sends("text/plain", "Tools and resources, and where the references are.")),
        get("/docs/mcp.md", SIGNED_IN, assistant::reference, doc("Every tool, resource and prompt, with what each asks for.")
            .sends("text/markdown", "What `hearthwatch://docs/tools` is to an assistant.")),
        get("/openapi/hearthwatch.json", SIGNED_IN, health::openapi, doc("This document, where `llms.txt` names it.")
            .sends("application/json", "OpenAPI 3.1.")),
        get("/api/v1/assistant", MANAGE_TOKENS, assistant::show, doc("Who of assistants has access, what waits for an answer, and what they did.")
            .gives::<assistant::AssistantBody>()).recorded_by_the_hub(),
        post("/api/v1/assistant/approvals/{approval}", MANAGE_TOKENS, assistant::answer, doc("Answer a call of an assistant that waits.")
            .takes::<assistant::AnswerBody>()),
        put("/api/v1/assistant/pause", MANAGE_USERS, assistant::pause, doc("Refuse all calls of assistants, or let them go on.")
            .takes::<assistant::PauseBody>()),
    ]
}

/// The router: every row behind the gate, the dashboard's files behind all rows.
pub(crate) fn router(api: Api) -> Router {
    let mut router = Router::new();
    for row in table() {
        let Row { access, pace, cost, body_bytes_max, .. } = row;
        let rule = Rule { access, pace, cost, body_bytes_max };
        let recorded = Arc::new(audit::RowAudit::of(&row));
        let handler = row
            .handler
            .layer(DefaultBodyLimit::max(row.body_bytes_max))
            .layer(from_fn_with_state((api.clone(), rule), gate::one_row))
            .layer(from_fn_with_state((api.clone(), recorded), audit::record));
        router = router.route(row.path, handler);
    }
    router
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_route)
        .layer(from_fn_with_state(api.clone(), gate::every_request))
        .with_state(api)
}

async fn wrong_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "This address does not take that method.",
    )
}

async fn no_route(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found().into_response();
    }
    assets::answer(request.method(), path, request.headers())
}
