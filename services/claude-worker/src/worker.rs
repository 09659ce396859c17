//! Puts the parts together, and takes them apart in order: not ready, no new jobs, jobs done or handed back, gone.

use std::sync::Arc;

use mistersmith_common::fault::Fault;
use mistersmith_common::health::{Health, routes, serve};
use mistersmith_common::metrics::Metrics;
use mistersmith_common::nats::Nats;
use mistersmith_common::reaper::Reaper;
use mistersmith_common::shutdown::{Shutdown, on_signals};
use serde_json::json;
use tokio::sync::watch;

use crate::courier::Courier;
use crate::delivery::Deliveries;
use crate::error::{NO_SCRATCH, NOT_STARTED};
use crate::hooks::{Hooks, Moment};
use crate::job::JobRunner;
use crate::metrics::WorkerMetrics;
use crate::monitor::{CHECKS, Monitor};
use crate::presence::{Presence, leave};
use crate::queue::Queue;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::totals::Totals;

/// Runs the worker until a signal ends it.
///
/// # Errors
/// It cannot start: a port is taken, the scratch directory is not writable, a start hook failed.
pub(crate) async fn run(service: &str, settings: Settings) -> Result<(), Fault> {
    let not_started =
        |error: std::io::Error| Fault::new(NOT_STARTED, format!("the worker cannot start: {error}"));
    // A job that is handed back needs the grace to end before the time is over.
    let patience = settings.drain_timeout.saturating_sub(settings.kill_grace);
    let shutdown = on_signals(patience).map_err(not_started)?;
    let reaper = Reaper::start().map_err(not_started)?;
    let metrics = Metrics::new(service);
    let health = Health::new(&CHECKS, shutdown.clone());
    serve(settings.http_port, routes(health.clone(), metrics.clone()))
        .await
        .map_err(|error| Fault::new(NOT_STARTED, format!("port {}: {error}", settings.http_port)))?;
    let scratch = Scratch::open(&settings.work_dir)
        .map_err(|error| Fault::new(NO_SCRATCH, format!("{}: {error}", settings.work_dir.display())))?;
    let nats = Nats::connect(settings.nats.clone()).await?;
    let parts = Parts::new(settings, shutdown, reaper, &metrics, nats, scratch);
    parts
        .run_hooks(Moment::Start, parts.settings.hook_timeout)
        .await?;
    tracing::info!(slots = parts.settings.slots, "worker started");
    parts.work(health).await;
    parts.end().await;
    Ok(())
}

struct Parts {
    settings: Arc<Settings>,
    shutdown: Shutdown,
    nats: Nats,
    runner: JobRunner,
    totals: Totals,
}

impl Parts {
    fn new(
        settings: Settings,
        shutdown: Shutdown,
        reaper: Reaper,
        metrics: &Metrics,
        nats: Nats,
        scratch: Scratch,
    ) -> Self {
        let settings = Arc::new(settings);
        let metrics = WorkerMetrics::new(metrics);
        let hooks = Hooks {
            directory: settings.hooks_dir.clone(),
            timeout: settings.hook_timeout,
            reaper: reaper.clone(),
            metrics: metrics.clone(),
        };
        let courier = Courier {
            client: nats.client.clone(),
            jetstream: nats.jetstream.clone(),
            shutdown: shutdown.clone(),
        };
        let totals = Totals::new(settings.max_cost_usd);
        let runner = JobRunner {
            settings: Arc::clone(&settings),
            reaper,
            hooks,
            courier,
            scratch: Arc::new(scratch),
            metrics,
        };
        Self {
            settings,
            shutdown,
            nats,
            runner,
            totals,
        }
    }

    async fn run_hooks(&self, moment: Moment, timeout: std::time::Duration) -> Result<(), Fault> {
        let input = json!({ "worker_id": self.settings.worker_id });
        let hooks = Hooks {
            timeout,
            ..self.runner.hooks.clone()
        };
        hooks.run(moment, &input, self.runner.scratch.path()).await
    }

    async fn work(&self, health: Health) {
        let connected = watch::Sender::new(false);
        let presence = Presence {
            jetstream: self.nats.jetstream.clone(),
            worker_id: self.settings.worker_id.clone(),
            slots: self.settings.slots,
            state: self.totals.follow(),
            connected: connected.subscribe(),
        };
        let queue = Queue {
            jetstream: self.nats.jetstream.clone(),
            deliveries: Deliveries {
                runner: self.runner.clone(),
                totals: self.totals.clone(),
            },
            slots: self.settings.slots,
            shutdown: self.shutdown.clone(),
            connected: connected.subscribe(),
        };
        let monitor = Monitor {
            nats: self.nats.clone(),
            health,
            cli: self.settings.cli.clone(),
            connected,
        };
        // The watchers end with the work.
        tokio::select! {
            () = queue.run() => {}
            () = async { tokio::join!(presence.run(), monitor.run()); } => {}
        }
    }

    async fn end(&self) {
        // What is left of the drain time is the grace; a failure is logged and counted.
        let _ = self.run_hooks(Moment::Stop, self.settings.kill_grace).await;
        if self.nats.is_connected() {
            leave(&self.nats.jetstream, &self.settings.worker_id).await;
        }
        self.nats.drain().await;
        tracing::info!("worker ended");
    }
}
