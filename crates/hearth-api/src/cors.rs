//! Other sites that this house allows to use its API. None, unless the settings name them.
//!
//! An allowed page acts with the visitor's sign-in, so answers name that one origin and never a
//! wildcard (Fetch standard, 3.2), changes still need the sign-in's token, and the cookie's
//! `SameSite=Strict` keeps it to pages of the same site (`panel.home.example` beside
//! `hub.home.example`). Pure. promise: V-05.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use hearth_hub::Origin;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

/// What a page may send beside what every page may.
const HEADERS: &str = "content-type, last-event-id, range, x-csrf-token";

/// What a page may read beside what every page may.
const EXPOSED: &str = "content-range, retry-after, x-frame-time";

const METHODS: &str = "DELETE, GET, PATCH, POST, PUT";

/// Seconds that a browser remembers the answer; a removed origin is refused at the request itself.
const MAX_AGE: &str = "600";

/// The allowed sites.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<Origin>);

impl Origins {
    pub(crate) fn new(origins: Vec<Origin>) -> Self {
        Self(origins)
    }

    /// The allowed site that a request comes from.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut lines = headers.get_all(header::ORIGIN).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        self.0.iter().any(|origin| line == origin.as_str()).then(|| line.clone())
    }

    /// The answer to a question before a request (a preflight), if this is one from an allowed site.
    pub(crate) fn preflight(&self, request: &Request) -> Option<Response> {
        let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if request.method() != Method::OPTIONS || !asks || !is_api(request) {
            return None;
        }
        self.of(request.headers())?;
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        Some((StatusCode::NO_CONTENT, allowed).into_response())
    }

    /// Lets the allowed site read an answer; whoever it is for, caches must know that it differs.
    pub(crate) fn apply(&self, site: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        headers.append(header::VARY, HeaderValue::from(HeaderName::from_static("origin")));
        let Some(site) = site else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
        let yes = HeaderValue::from_static("true");
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}
