//! The fence in front of every route: right host, right site, somebody who may, no longer than
//! allowed.
//!
//! [`every_request`] stands in front of everything, the dashboard's files included; [`one_row`]
//! stands in front of each row of the route table and knows that row's access. Handlers behind it
//! still ask the policy for their own grant. promise: V-01, V-02, V-05, D-09, T-05.

use std::{future::Future, net::IpAddr, sync::Arc, time::Instant};

use axum::{
    extract::{RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hearth_auth::{Access, Principal};
use hearth_hub::{Peer, SessionView};
use hearth_model::{CameraId, WallTime};
use http::{HeaderMap, Method, StatusCode, header};
use tokio::time::timeout;

use crate::{
    api::Api, audit::Seen, bearer, cookie, error::ApiError, extract::too_large, headers,
    listener::Via, rate::Cost, route::Pace, site::is_cross_site,
};

/// The header in which the dashboard proves that it, and no other page, sends a change.
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";

/// Who asks. In the request's extensions for every row that is not open.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Whom the policy judges.
    pub(crate) principal: Principal,
    /// The sign-in it comes with; none for programs and on the control socket.
    pub(crate) session: Option<Arc<SessionView>>,
    /// Until when it may go on with what it opens.
    until: Option<WallTime>,
}

impl Caller {
    /// Waits until whatever this caller opened has to end: with its rights, or with the server.
    pub(crate) fn is_over(&self, api: &Api) -> impl Future<Output = ()> + Send + 'static {
        let stop = api.stop().heard();
        let rights = api.hub().rights_end(&self.principal, self.until);
        async move {
            tokio::select! {
                () = stop => {}
                () = rights => {}
            }
        }
    }
}

/// What a row asks of a request.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) access: Access,
    pub(crate) pace: Pace,
    pub(crate) cost: Cost,
    pub(crate) body_bytes_max: usize,
}

/// Stands in front of everything: the host must be ours; the answer gets its security headers and
/// one line in the log, which holds neither query nor cookie.
pub(crate) async fn every_request(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let site = api.origins().of(request.headers());
    let mut response = match arrive(&api, &mut request) {
        Ok(()) => match api.origins().preflight(&request) {
            Some(answer) => answer,
            None => next.run(request).await,
        },
        Err(error) => error.into_response(),
    };
    headers::apply(response.headers_mut());
    api.counts().note(response.status(), started.elapsed());
    api.origins().apply(site, response.headers_mut());
    tracing::debug!(
        http.method = %method, path, status = response.status().as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "request"
    );
    response
}

/// What is looked at before anything else: who is behind a proxy, how often it asks, and whom it
/// thinks it talks to.
fn arrive(api: &Api, request: &mut Request) -> Result<(), ApiError> {
    api.proxies().resolve(request, api.names())?;
    if let Some(Via::Network { peer, .. }) = via(request) {
        api.rates().arrive(peer)?;
    }
    check_host(api, request)
}

fn check_host(api: &Api, request: &Request) -> Result<(), ApiError> {
    let Some(Via::Network { local, .. }) = via(request) else { return Ok(()) };
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let absolute = request.uri().authority().is_some();
    if !absolute
        && hosts.next().is_none()
        && host.is_some_and(|host| api.names().admits(host, local))
    {
        return Ok(());
    }
    Err(ApiError::wrong_host())
}

fn via(request: &Request) -> Option<Via> {
    request.extensions().get::<Via>().copied()
}

/// Stands in front of one row of the table.
pub(crate) async fn one_row(
    State((api, rule)): State<(Api, Rule)>,
    parameters: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let is_allowed_site = api.origins().of(request.headers()).is_some();
    if !is_allowed_site && is_cross_site(request.headers()) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "Another site made the browser send this request.",
        ));
    }
    if let Some(Via::Network { peer, .. }) = via(&request) {
        api.rates().begin(rule.cost, peer)?;
    }
    let caller = identify(&api, via(&request), request.headers()).await;
    let seen = request.extensions().get::<Seen>().cloned().unwrap_or_default();
    seen.known(caller.as_ref().map(|caller| &caller.principal));
    admit(&api, caller.as_ref(), rule.access, &parameters)?;
    if rule.access != Access::Open {
        check_password_is_own(&request, caller.as_ref())?;
        check_csrf(request.method(), request.headers(), caller.as_ref())?;
    }
    check_length(request.headers(), rule.body_bytes_max)?;
    if let Some(caller) = &caller {
        api.rates().charge(rule.cost, &caller.principal)?;
    }
    seen.admitted();
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    match rule.pace {
        Pace::Stream => Ok(next.run(request).await),
        Pace::Answer if request.method().is_safe() => {
            timeout(api.limits().request, next.run(request)).await.map_err(|_| too_slow())
        }
        Pace::Answer => {
            // A change that has begun is brought to its end, whether somebody waits for it or not.
            let change = tokio::spawn(next.run(request));
            let changed = timeout(api.limits().request, change).await.map_err(|_| too_slow())?;
            changed.map_err(|_| {
                tracing::error!("a handler panicked");
                let text = "Something in the hub failed. The log has the detail.";
                ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text)
            })
        }
    }
}

/// Whoever announces too much is told at once, and not when they did not send it in time. What is
/// sent without its length is counted while it comes.
fn check_length(headers: &HeaderMap, bytes_max: usize) -> Result<(), ApiError> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match told.and_then(|text| text.parse::<u64>().ok()) {
        Some(bytes) if bytes > bytes_max as u64 => Err(too_large()),
        _ => Ok(()),
    }
}

fn too_slow() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too_slow",
        "This took too long. Try again; if it lasts, see `hearthwatch doctor`.",
    )
}

async fn identify(api: &Api, via: Option<Via>, headers: &HeaderMap) -> Option<Caller> {
    let peer = match via? {
        Via::Control => {
            return Some(Caller { principal: api.hub().owner(), session: None, until: None });
        }
        Via::Network { peer, .. } => peer,
    };
    // Whoever presents a token is that token's program or nobody, whatever cookie is there as well.
    if let Some(token) = bearer::token(headers) {
        let machine = api.hub().authenticate_bearer(token?, peer).await?;
        let until = Some(machine.until);
        return Some(Caller { principal: machine.principal, session: None, until });
    }
    let token = cookie::token(headers)?;
    let session = api.hub().authenticate(&token).await?;
    let (principal, until) = (session.principal.clone(), Some(session.expires_at));
    Some(Caller { principal, session: Some(Arc::new(session)), until })
}

/// Whoever signed in with a password that somebody else chose may look at their sign-in, end it,
/// and change the password.
fn check_password_is_own(request: &Request, caller: Option<&Caller>) -> Result<(), ApiError> {
    const STILL_OPEN: [&str; 2] = ["/api/v1/session", "/api/v1/account/password"];
    let session = caller.and_then(|caller| caller.session.as_ref());
    let must_change = session.is_some_and(|session| session.must_change_password);
    if !must_change || STILL_OPEN.contains(&request.uri().path()) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "password_change_needed",
        "Somebody else chose this password. Change it first.",
    ))
}

/// Who is at the other end, as sessions and throttles know it.
pub(crate) fn peer_of(address: IpAddr, headers: &HeaderMap) -> Peer {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Peer { address, agent: agent.unwrap_or_default().to_owned() }
}

fn admit(
    api: &Api,
    caller: Option<&Caller>,
    access: Access,
    parameters: &RawPathParams,
) -> Result<(), ApiError> {
    let principal = caller.map(|caller| &caller.principal);
    if principal.is_none() && access != Access::Open {
        return Err(ApiError::unauthenticated());
    }
    let policy = api.hub().policy();
    let Access::Camera(_) = access else { return Ok(policy.admit(principal, access, None)?) };
    let camera: CameraId = parameters
        .iter()
        .find(|(name, _)| *name == "camera")
        .and_then(|(_, text)| text.parse().ok())
        .ok_or_else(ApiError::not_found)?;
    policy.admit(principal, access, Some(camera)).map_err(|denied| match principal {
        // What one may not see does not exist (promise T-05).
        Some(principal) if !policy.visible(principal, camera) => ApiError::not_found(),
        _ => denied.into(),
    })
}

/// A change that comes with a cookie must also come with the token of that sign-in's page.
fn check_csrf(
    method: &Method,
    headers: &HeaderMap,
    caller: Option<&Caller>,
) -> Result<(), ApiError> {
    let Some(session) = caller.and_then(|caller| caller.session.as_ref()) else { return Ok(()) };
    if method.is_safe() {
        return Ok(());
    }
    let sent = headers.get(CSRF_HEADER).and_then(|token| token.to_str().ok());
    if sent.is_some_and(|token| session.csrf.matches(token)) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "This change did not come from the dashboard's own page. Reload it.",
    ))
}
