//! How a service says how it is.
//!
//! - `GET /health/live` 200 as long as the process answers; it never depends on another service
//! - `GET /health/ready` 200 when every check is good, 503 otherwise and from the first SIGTERM on
//! - `GET /metrics` OpenMetrics text

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json};
use axum::routing::get;
use serde::Serialize;

use crate::metrics::Metrics;
use crate::shutdown::Shutdown;

/// What `ready` depends on; cheap to clone. A service names its checks at the start, so that one that was never
/// reported counts as bad.
#[derive(Clone)]
pub struct Health {
    checks: Arc<Mutex<BTreeMap<&'static str, Result<(), String>>>>,
    shutdown: Shutdown,
}

/// The answer of `/health/ready`.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Report {
    /// Whether the service takes work.
    pub ready: bool,
    /// `ok`, or why not.
    pub checks: BTreeMap<&'static str, String>,
}

impl Health {
    /// A health with its checks, all not yet good.
    #[must_use]
    pub fn new(checks: &[&'static str], shutdown: Shutdown) -> Self {
        let checks = checks
            .iter()
            .map(|name| (*name, Err("not yet".to_owned())))
            .collect();
        Self {
            checks: Arc::new(Mutex::new(checks)),
            shutdown,
        }
    }

    /// Reports a check; a change is logged.
    pub fn set(&self, check: &'static str, state: Result<(), String>) {
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = checks.insert(check, state.clone());
        let was_good = matches!(before, Some(Ok(())));
        match state {
            Ok(()) if !was_good => tracing::info!(check, "check is good"),
            Err(reason) if was_good => tracing::warn!(check, reason, "check is bad"),
            _ => {}
        }
    }

    /// Every check now.
    #[must_use]
    pub fn report(&self) -> Report {
        let checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        let good = checks.values().all(Result::is_ok);
        let running = self.shutdown.is_running();
        let mut shown: BTreeMap<&'static str, String> = checks
            .iter()
            .map(|(name, state)| (*name, state.clone().err().unwrap_or_else(|| "ok".to_owned())))
            .collect();
        if !running {
            shown.insert("shutdown", "draining".to_owned());
        }
        Report {
            ready: good && running,
            checks: shown,
        }
    }
}

/// The routes of the module's head.
pub fn routes(health: Health, metrics: Metrics) -> Router {
    let answers = Router::new()
        .route(
            "/health/live",
            get(|| async { Json(serde_json::json!({ "live": true })) }),
        )
        .route("/health/ready", get(ready))
        .with_state(health);
    answers.merge(
        Router::new()
            .route("/metrics", get(exposition))
            .with_state(metrics),
    )
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let report = health.report();
    let status = if report.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report))
}

async fn exposition(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], metrics.encode())
}

/// Serves routes on every address of the machine until the returned task is dropped with the runtime: health is
/// answered until the very end, so that a drain can be watched.
///
/// # Errors
/// The port is taken.
pub async fn serve(port: u16, routes: Router) -> std::io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "the HTTP server ended");
        }
    });
    Ok(address)
}
