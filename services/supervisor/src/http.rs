//! `GET /v1/pool`: the pool as `PoolStatus` shows it.

use axum::Router;
use axum::extract::State;
use axum::response::Json;
use axum::routing::get;
use mistersmith_common::messages::PoolView;

use crate::board::Board;

/// The routes of this module.
pub fn routes(board: Board) -> Router {
    Router::new().route("/v1/pool", get(pool)).with_state(board)
}

async fn pool(State(board): State<Board>) -> Json<PoolView> {
    Json(board.view())
}
