//! The dashboard: files embedded at build time, served from memory.
//!
//! No path of a request ever touches the file system: it is compared with the embedded names, so
//! there is nothing to traverse. Pages that the dashboard routes itself get its start page.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// One embedded file.
pub(crate) struct Asset {
    path: &'static str,
    content_type: &'static str,
    etag: &'static str,
    /// Its name holds its hash, so its content never changes.
    immutable: bool,
    bytes: &'static [u8],
    gzip: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

const START_PAGE: &str = "/index.html";

/// Addresses below these are never the dashboard's own.
const NOT_PAGES: [&str; 2] = ["api", "assets"];

/// Shown when the program was built without the dashboard.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Hearthwatch</title>\n<h1>Hearthwatch is running</h1>\n\
    <p>This program was built without the dashboard. Build both with \
    <code>cargo xtask demo</code>, or run <code>npm ci &amp;&amp; npm run build</code> in \
    <code>web/</code> and build the program again.</p>\n";

/// Answers a request that no route of the API took.
pub(crate) fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match find(ASSETS, path, headers) {
        Some(asset) => send(asset, headers),
        None if path == "/" || path == START_PAGE => page(StatusCode::OK, NOT_BUILT),
        None => (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response(),
    }
}

fn find<'a>(assets: &'a [Asset], path: &str, headers: &HeaderMap) -> Option<&'a Asset> {
    let named = |path: &str| assets.iter().find(|asset| asset.path == path);
    named(path).or_else(|| (is_page(path) && wants_page(headers)).then(|| named(START_PAGE))?)
}

/// The dashboard has its own words for addresses it does not know, so it is asked about all of them
/// that look like a page.
fn is_page(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    path.starts_with('/') && !NOT_PAGES.contains(&first) && !path.contains('.')
}

/// A browser that navigates asks for HTML; a script or image tag does not.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn send(asset: &Asset, headers: &HeaderMap) -> Response {
    let has = |name, wanted: &str| {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|line| {
            line.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == wanted))
        })
    };
    let mut response = if has(header::IF_NONE_MATCH, asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let packed = asset.gzip.filter(|_| has(header::ACCEPT_ENCODING, "gzip"));
        let mut response = Response::new(Body::from(packed.unwrap_or(asset.bytes)));
        let kind = HeaderValue::from_static(asset.content_type);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if packed.is_some() {
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        }
        response
    };
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static(asset.etag));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn page(status: StatusCode, text: &'static str) -> Response {
    let kind =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (status, kind, text).into_response()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUILT: &[Asset] = &[
        Asset {
            path: "/assets/app-1a2b.js",
            content_type: "text/javascript; charset=utf-8",
            etag: "\"1\"",
            immutable: true,
            bytes: b"plain",
            gzip: Some(b"packed"),
        },
        Asset {
            path: "/index.html",
            content_type: "text/html; charset=utf-8",
            etag: "\"2\"",
            immutable: false,
            bytes: b"<!doctype html>",
            gzip: None,
        },
    ];

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn found(path: &str, accept: &'static str) -> Option<&'static str> {
        find(BUILT, path, &headers(header::ACCEPT, accept)).map(|asset| asset.path)
    }

    #[test]
    fn pages_of_the_dashboard_get_its_start_page_and_nothing_else_does() {
        assert_eq!(found("/assets/app-1a2b.js", "*/*"), Some("/assets/app-1a2b.js"));
        assert_eq!(found("/", "text/html"), Some(START_PAGE));
        assert_eq!(found("/cameras/cam_1/settings", "text/html,*/*"), Some(START_PAGE));
        assert_eq!(found("/cameras/cam_1", "image/png"), None);
        assert_eq!(found("/assets/gone.js", "text/html"), None);
        assert_eq!(found("/wp-login.php", "text/html"), None);
    }

    /// promise: D-23. A path cannot leave the list of embedded files.
    #[test]
    fn traversal_finds_nothing() {
        for path in [
            "/../Cargo.toml",
            "/assets/../../Cargo.toml",
            "/assets/%2e%2e/Cargo.toml",
            "//etc/passwd",
            "/assets/..%2f..%2fCargo.toml",
            "/assets/app-1a2b.js/..",
            "/assets\\..\\x",
            "index.html",
        ] {
            assert_eq!(found(path, "*/*"), None, "{path}");
        }
    }

    #[test]
    fn hashed_files_are_kept_for_ever_and_the_start_page_is_asked_for_again() {
        let response = send(&BUILT[0], &headers(header::ACCEPT_ENCODING, "br;q=1.0, gzip"));
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(
            response.headers()[header::CACHE_CONTROL]
                .to_str()
                .is_ok_and(|c| c.contains("immutable"))
        );
        let response = send(&BUILT[1], &headers(header::IF_NONE_MATCH, "\"2\""));
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
    }

    proptest! {
        #[test]
        fn any_path_is_answered_without_panic(path in "\\PC{0,60}") {
            let _ = answer(&Method::GET, &path, &HeaderMap::new());
        }
    }
}
