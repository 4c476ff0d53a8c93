//! What of each request goes into the audit log: decided by the route table, written here, in front
//! of the gate, so that no handler can forget it and a refusal is recorded like a success.
//!
//! A row's class follows from its access and method ([`class_of`] names every action, so a new one
//! does not compile without a decision); a row may say otherwise. What goes on (live pictures,
//! event streams) is recorded when it begins and when it is over. promise: T-13, V-17, D-25.

use std::{
    borrow::Cow,
    convert::Infallible,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::{
    body::Body,
    extract::{FromRequestParts, RawPathParams, Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use hearth_auth::{Access, Action, Principal};
use hearth_hub::{AccessNote, AuditClass, AuditOrigin, AuditOutcome, Lasting};
use hearth_model::WallTime;
use http::{Extensions, Method, StatusCode, request::Parts};
use percent_encoding::percent_decode_str;

use crate::{api::Api, listener::Via, openapi::operation_id, route::Row};

/// What a route's action is recorded as. `None` is for what concerns only the caller.
fn class_of(access: Access, method: &Method) -> Option<AuditClass> {
    let either = |reads, changes| if method.is_safe() { reads } else { changes };
    let changes = either(AuditClass::View, AuditClass::Configure);
    let action = match access {
        Access::Open | Access::SignedIn => return None,
        // Passwords, second factors and passkeys, one's own or, for the owner, anybody's.
        Access::Account | Access::Owner => return Some(either(AuditClass::View, AuditClass::Key)),
        Access::House(action) | Access::Camera(action) => action,
    };
    Some(match action {
        Action::Live
        | Action::Playback
        | Action::ListCameras
        | Action::ReadEvents
        | Action::ReadSystem
        | Action::ReadAudit
        | Action::ReadMetrics
        | Action::ReadIncidents
        | Action::ReadDevices => AuditClass::View,
        Action::Export => AuditClass::Export,
        Action::Control | Action::ControlDevices | Action::Arm => {
            either(AuditClass::View, AuditClass::Control)
        }
        Action::Configure
        | Action::ManageCameras
        | Action::ManageHolds
        | Action::ManageNotifications
        | Action::ManageRules
        | Action::ManageIncidents
        | Action::Maintain => changes,
        Action::ManageUsers | Action::ManageTokens => AuditClass::Key,
        Action::Faces | Action::ManagePeople => AuditClass::Person,
    })
}

/// How a row is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) class: Option<AuditClass>,
    pub(crate) lasting: bool,
    exports_by: Option<&'static str>,
    /// What is done is recorded by the hub, when the time for it has come.
    refusals_only: bool,
}

impl Audit {
    /// As its access and method say.
    pub(crate) fn of(access: Access, method: &Method) -> Self {
        Self {
            class: class_of(access, method),
            lasting: false,
            exports_by: None,
            refusals_only: false,
        }
    }

    pub(crate) fn lasting(self) -> Self {
        Self { lasting: true, ..self }
    }

    pub(crate) fn refusals_only(self) -> Self {
        Self { refusals_only: true, ..self }
    }

    pub(crate) fn class(self, class: AuditClass) -> Self {
        Self { class: Some(class), ..self }
    }

    pub(crate) fn exports_by(self, parameter: &'static str) -> Self {
        Self { exports_by: Some(parameter), ..self }
    }
}

/// What of a row is needed to record it.
pub(crate) struct RowAudit {
    action: String,
    audit: Audit,
    /// Query parameters that are times: which footage was looked at.
    times: Vec<&'static str>,
}

impl RowAudit {
    pub(crate) fn of(row: &Row) -> Self {
        let times = ["at", "from", "to"];
        let has = |name: &&str| row.doc.query.iter().any(|query| query.name == *name);
        Self {
            action: operation_id(row),
            audit: row.audit,
            times: times.into_iter().filter(has).collect(),
        }
    }

    fn class(&self, query: &str) -> Option<AuditClass> {
        let exports = self.audit.exports_by.is_some_and(|name| {
            values(query, name).any(|value| !value.trim_start_matches('0').is_empty())
        });
        if exports { Some(AuditClass::Export) } else { self.audit.class }
    }

    fn detail(&self, query: &str) -> Option<String> {
        let mut told = Vec::new();
        for name in &self.times {
            let time = values(query, name).find_map(|value| value.parse::<WallTime>().ok());
            told.extend(time.map(|time| format!("{name} {time}")));
        }
        (!told.is_empty()).then(|| told.join(" "))
    }
}

/// The decoded values of a query parameter.
fn values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    // The name too: `%64ownload` is read as `download` by whoever serves it.
    pairs.filter(move |(key, _)| decoded(key) == name).map(|(_, value)| decoded(value))
}

/// Percent-encoding undone (RFC 3986, 2.1); what is no such code stays.
fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// What the gate found out about a request. In its extensions.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<SeenInner>);

#[derive(Default)]
struct SeenInner {
    principal: OnceLock<Principal>,
    admitted: AtomicBool,
}

impl Seen {
    /// Who asks.
    pub(crate) fn known(&self, principal: Option<&Principal>) {
        if let Some(principal) = principal {
            self.0.principal.get_or_init(|| principal.clone());
        }
    }

    /// The gate let it through.
    pub(crate) fn admitted(&self) {
        self.0.admitted.store(true, Ordering::Relaxed);
    }
}

/// From where a request came, for whoever is told.
pub(crate) struct From(pub(crate) AuditOrigin);

impl FromRequestParts<Api> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        Ok(Self(origin(&parts.extensions)))
    }
}

fn origin(extensions: &Extensions) -> AuditOrigin {
    match extensions.get::<Via>() {
        Some(Via::Network { peer, .. }) => AuditOrigin::Address(*peer),
        Some(Via::Control) => AuditOrigin::ControlSocket,
        None => AuditOrigin::Hub,
    }
}

/// Held by what goes on behind an answer; its end is recorded when the last one is dropped.
#[derive(Clone)]
pub(crate) struct LastingAccess {
    _end: Option<Arc<End>>,
}

impl FromRequestParts<Api> for LastingAccess {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self { _end: None }))
    }
}

/// Records the end of something that goes on, if its begin was recorded.
struct End {
    api: Api,
    started: Instant,
    note: Mutex<Option<AccessNote>>,
}

impl Drop for End {
    fn drop(&mut self) {
        let note = self.note.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(note) = note {
            let (lasting, duration_ms) = (Some(Lasting::Ends), Some(millis(self.started)));
            self.api.hub().note_access(AccessNote { lasting, duration_ms, ..note });
        }
    }
}

/// A request that is being served. Recorded as failed if nobody waits for its answer.
struct Pending {
    api: Api,
    seen: Seen,
    started: Instant,
    note: Option<AccessNote>,
    refusals_only: bool,
}

impl Pending {
    /// Records how it ended, and hands out the note for what goes on behind it.
    fn finish(&mut self, status: Option<StatusCode>, lasting: bool) -> Option<AccessNote> {
        let mut note = self.note.take()?;
        note.principal = self.seen.0.principal.get().cloned();
        note.result = status.map_or(AuditOutcome::Failed, |status| self.outcome(status));
        note.duration_ms = Some(millis(self.started));
        let goes_on = lasting && note.result == AuditOutcome::Ok;
        match status {
            None => note.detail = Some("the caller hung up before the answer".to_owned()),
            Some(_) if goes_on => {
                note.lasting = Some(Lasting::Begins);
                note.duration_ms = None;
            }
            Some(status) if note.result != AuditOutcome::Ok => {
                let before = note.detail.take().map(|detail| format!(" {detail}"));
                note.detail = Some(format!("{}{}", status.as_u16(), before.unwrap_or_default()));
            }
            Some(_) => {}
        }
        if !self.refusals_only || note.result == AuditOutcome::Denied {
            self.api.hub().note_access(note.clone());
        }
        goes_on.then_some(note)
    }

    fn outcome(&self, status: StatusCode) -> AuditOutcome {
        let admitted = self.seen.0.admitted.load(Ordering::Relaxed);
        let refused =
            [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
        match status {
            status if refused.contains(&status) || !admitted => AuditOutcome::Denied,
            status if status.is_client_error() || status.is_server_error() => AuditOutcome::Failed,
            _ => AuditOutcome::Ok,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.finish(None, false);
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Stands in front of the gate of each row, and records what comes of a request.
pub(crate) async fn record(
    State((api, row)): State<(Api, Arc<RowAudit>)>,
    parameters: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let Some(class) = row.class(query) else { return next.run(request).await };
    let started = Instant::now();
    let what = parameters.iter().map(|(name, id)| (name.to_owned(), id.to_owned())).collect();
    let note = AccessNote {
        class,
        action: row.action.clone(),
        principal: None,
        from: origin(request.extensions()),
        what,
        result: AuditOutcome::Failed,
        detail: row.detail(query),
        duration_ms: None,
        lasting: None,
    };
    let seen = Seen::default();
    let (note, refusals_only) = (Some(note), row.audit.refusals_only);
    let mut pending =
        Pending { api: api.clone(), seen: seen.clone(), started, note, refusals_only };
    let end = row.audit.lasting.then(|| Arc::new(End { api, started, note: Mutex::new(None) }));
    request.extensions_mut().insert(seen);
    request.extensions_mut().insert(LastingAccess { _end: end.clone() });
    let response = next.run(request).await;
    let going_on = pending.finish(Some(response.status()), end.is_some());
    match (end, going_on) {
        (Some(end), Some(note)) => {
            *end.note.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
            held(response, end)
        }
        _ => response,
    }
}

/// The answer, with its body holding `end` until it is over. A WebSocket's handler holds its own.
fn held(response: Response, end: Arc<End>) -> Response {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    response.map(|body| {
        let pieces = body.into_data_stream().map(move |piece| {
            let _until_the_last_piece = &end;
            piece
        });
        Body::from_stream(pieces)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{doc::Gives, route::table};

    /// promise: T-13, V-17. Every route that needs a permission is recorded, whoever adds it, and
    /// what changes something is not recorded as a view.
    #[test]
    fn every_row_that_needs_a_permission_is_recorded() {
        for row in table() {
            let needs = !matches!(row.access, Access::Open | Access::SignedIn);
            assert!(row.audit.class.is_some() || !needs, "{} {}", row.method, row.path);
            let is_view = row.audit.class == Some(AuditClass::View);
            // A question is a view that comes in a body.
            let looks = row.method.is_safe() || row.path == "/api/v1/questions";
            assert!(!is_view || looks, "{} {}", row.method, row.path);
        }
    }

    /// promise: T-13. What goes on for as long as somebody looks is recorded with both its ends.
    #[test]
    fn every_row_without_an_end_of_its_own_is_recorded_with_its_end() {
        for row in table() {
            let endless = match row.doc.gives {
                Gives::Content(StatusCode::SWITCHING_PROTOCOLS, ..) => true,
                Gives::Content(_, kind, _) => {
                    kind.starts_with("multipart/") || kind == "text/event-stream"
                }
                Gives::Nothing | Gives::Json(..) => false,
            };
            assert_eq!(row.audit.lasting, endless, "{} {}", row.method, row.path);
        }
    }

    fn row(path: &str) -> RowAudit {
        let rows = table();
        RowAudit::of(rows.iter().find(|row| row.path == path).expect("a row"))
    }

    #[test]
    fn a_download_is_an_export_and_says_which_footage() {
        let clip = row("/api/v1/cameras/{camera}/clip.mp4");
        let query = "from=2026-11-22T14%3A00%3A00Z&to=2026-11-22T15:00:00%2B00:00";
        assert_eq!(clip.class(query), Some(AuditClass::View));
        assert_eq!(clip.class(&format!("{query}&download=0")), Some(AuditClass::View));
        assert_eq!(clip.class(&format!("{query}&download=1")), Some(AuditClass::Export));
        assert_eq!(clip.class(&format!("{query}&%64ownload=1")), Some(AuditClass::Export));
        let detail = clip.detail(query).expect("a detail");
        assert_eq!(detail, "from 2026-11-22T14:00:00.000Z to 2026-11-22T15:00:00.000Z");
        assert_eq!(clip.detail("from=<script>&at=secret"), None);
    }

    proptest! {
        #[test]
        fn any_query_is_read_without_a_panic(query: String) {
            let clip = row("/api/v1/cameras/{camera}/clip.mp4");
            clip.class(&query);
            clip.detail(&query);
        }

        #[test]
        fn what_was_encoded_is_decoded(text: String) {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(decoded(&encoded), text);
        }
    }
}
