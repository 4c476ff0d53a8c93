//! The house as a whole: how it fares, and whether it keeps what it promises.

use std::{convert::Infallible, future::Future, pin::Pin};

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use hearth_auth::ask;
use hearth_hub::{DoctorReport, SystemView, VerifyProgress, VerifyView};
use http::header;
use tokio::sync::mpsc;

use crate::{api::Api, error::ApiError, extract::OnHouse};

/// Progress lines that may wait for a slow reader; the check itself waits beyond that.
const PROGRESS_LINES_MAX: usize = 16;

/// `GET /system`.
pub(crate) async fn system(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadSystem>,
) -> Result<Json<SystemView>, ApiError> {
    Ok(Json(api.hub().system(grant).await?))
}

/// `GET /doctor`.
pub(crate) async fn doctor(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
) -> Json<DoctorReport> {
    Json(api.hub().doctor(grant).await.with(api.checks()))
}

/// `POST /verify`: lines of JSON, `{"progress": ..}` until `{"report": ..}` or `{"error": ..}`.
pub(crate) async fn verify(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::Maintain>,
) -> Response {
    let (sender, progress) = mpsc::channel(PROGRESS_LINES_MAX);
    let hub = api.hub().clone();
    // It runs inside the answer's body: whoever hangs up ends it.
    let work = Box::pin(async move { hub.verify(grant, sender).await });
    let lines = Body::from_stream(lines(Check::Running { work, progress }));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

type Work = Pin<Box<dyn Future<Output = hearth_hub::Result<VerifyView>> + Send>>;

enum Check {
    Running { work: Work, progress: mpsc::Receiver<VerifyProgress> },
    Over,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Progress(VerifyProgress),
    Report(VerifyView),
    Error { code: &'static str, message: String },
}

fn lines(check: Check) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(check, |check| async move {
        let Check::Running { mut work, mut progress } = check else { return None };
        let (line, next) = tokio::select! {
            biased;
            Some(done) = progress.recv() => {
                (Line::Progress(done), Check::Running { work, progress })
            }
            over = &mut work => (last(over), Check::Over),
        };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        Some((Ok(Bytes::from(text)), next))
    })
}

fn last(over: hearth_hub::Result<VerifyView>) -> Line {
    match over {
        Ok(report) => Line::Report(report),
        Err(error) => Line::Error { code: error.code, message: error.fault.message },
    }
}
