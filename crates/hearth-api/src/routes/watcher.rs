//! Who is watching now.

use axum::{Json, extract::State};
use hearth_auth::ask;
use hearth_hub::WatcherView;

use crate::{api::Api, extract::OnHouse};

/// Everybody who watches a camera that the caller may see.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct WatcherList {
    watchers: Vec<WatcherView>,
}

/// `GET /watchers`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ListCameras>,
) -> Json<WatcherList> {
    Json(WatcherList { watchers: api.hub().watchers(&grant) })
}
