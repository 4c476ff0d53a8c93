//! The audit log: a page of it, or all of it as lines.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use hearth_auth::ask;
use hearth_hub::{AUDIT_PAGE_MAX, AuditCategory, AuditClass, AuditOutcome, AuditPage, AuditQuery};
use hearth_model::{CameraId, WallTime};
use http::header;

use crate::{
    api::Api,
    doc::Doc,
    error::ApiError,
    extract::{Asked, OnHouse},
};

/// Entries listed when nobody says how many.
const PAGE_DEFAULT: usize = 100;

/// Which entries.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    category: Option<AuditCategory>,
    class: Option<AuditClass>,
    result: Option<AuditOutcome>,
    who: Option<String>,
    camera: Option<CameraId>,
    from: Option<WallTime>,
    to: Option<WallTime>,
    before: Option<u64>,
    after: Option<u64>,
    limit: Option<usize>,
}

/// What both routes take.
pub(crate) fn filters(doc: Doc) -> Doc {
    doc.text_if("category", "Only this of the five categories.")
        .text_if("class", "Only this kind of use.")
        .text_if("result", "Only `ok`, `denied` or `failed`.")
        .text_if("who", "Only by this party: id, name, or kind.")
        .text_if("camera", "Only about this camera.")
        .time_if("from", "Not before.")
        .time_if("to", "Before.")
}

impl Which {
    fn query(self) -> (AuditQuery, usize) {
        let query = AuditQuery {
            category: self.category,
            class: self.class,
            result: self.result,
            who: self.who,
            camera: self.camera.map(|camera| camera.to_string()),
            from: self.from,
            to: self.to,
            before: self.before,
            after: self.after,
        };
        (query, self.limit.unwrap_or(PAGE_DEFAULT))
    }
}

/// `GET /audit`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadAudit>,
    Asked(which): Asked<Which>,
) -> Result<Json<AuditPage>, ApiError> {
    let (query, limit) = which.query();
    if limit > AUDIT_PAGE_MAX {
        let text = format!("Ask for at most {AUDIT_PAGE_MAX} entries.");
        return Err(ApiError::bad_input("limit_too_large", text));
    }
    Ok(Json(api.hub().audit_page(grant, query, limit).await?))
}

/// `GET /audit/export`.
pub(crate) async fn export(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadAudit>,
    Asked(which): Asked<Which>,
) -> Response {
    let lines = api.hub().audit_export(grant, which.query().0);
    let lines = stream::unfold(lines, |mut lines| async move {
        let line = lines.recv().await?;
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        Some((Ok::<_, Infallible>(Bytes::from(text)), lines))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hearthwatch-audit.ndjson\""),
    ];
    (headers, Body::from_stream(lines)).into_response()
}
