//! The supervisor as a whole: its parts are started, and ended in the opposite order.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::GetStreamErrorKind;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::health::{self, Health};
use mistersmith_common::metrics::Metrics;
use mistersmith_common::nats::{Nats, NatsOptions};
use mistersmith_common::reaper::Reaper;
use mistersmith_common::shutdown::{self, Phase, Shutdown};
use mistersmith_common::streams::Topology;
use tokio::task::{JoinHandle, JoinSet};

use crate::agent_process::Launcher;
use crate::announcer::{Announcements, announcer, show_presence};
use crate::board::{self, Board};
use crate::config::Config;
use crate::control::Desk;
use crate::error::Fatal;
use crate::metrics::{DeskMetrics, PoolMetrics, RecorderMetrics};
use crate::pool::{Pool, PoolParts, roster};
use crate::recorder::{self, Recorder};
use crate::{given_up, http, queue_metrics};

/// Name in metrics and logs.
const SERVICE: &str = "supervisor";
/// Name of the readiness checks of this module.
const NATS: &str = "nats";
const STREAMS: &str = "streams";
/// How often the streams are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Time for the recorder and the announcements after the agents have ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs until a signal ends it.
///
/// # Errors
/// The operating system refuses something that no repetition heals.
pub async fn run(config: Config) -> Result<(), Fatal> {
    let shutdown =
        shutdown::on_signals(config.drain_timeout).map_err(|error| Fatal::system("signals", &error))?;
    let metrics = Metrics::new(SERVICE);
    let health = Health::new(&[NATS, STREAMS, recorder::CHECK, board::CHECK], shutdown.clone());
    let reaper = Reaper::start().map_err(|error| Fatal::system("SIGCHLD", &error))?;
    let nats = connect(&config).await?;
    let pool_metrics = PoolMetrics::register(&metrics);
    let (announcer, announcements) = announcer(pool_metrics.clone());
    let agents = roster(config.pool_size, &config.roles);
    let board = Board::new(agents, announcer.clone(), pool_metrics.clone(), health.clone());
    let routes = health::routes(health.clone(), metrics.clone()).merge(http::routes(board.clone()));
    let served = health::serve(config.http_port, routes).await;
    served.map_err(|error| Fatal::system(&format!("port {}", config.http_port), &error))?;
    let parts = PoolParts {
        launcher: Launcher {
            reaper,
            limits: config.limits,
            log_level: config.log_level.clone(),
        },
        rules: config.restart,
        job: config.job,
        signer: config.signer.clone(),
        nats: nats.clone(),
        nats_url: config.nats_url.clone(),
        nats_seed: config.nats_seed.clone(),
        stop_timeout: config.drain_timeout,
        announcer,
        metrics: pool_metrics,
        shutdown: shutdown.clone(),
    };
    let (pool, slots) = Pool::start(board.clone(), &parts);
    drop(parts);
    tracing::info!(
        agents = config.pool_size,
        port = config.http_port,
        "supervisor started"
    );
    let running = Running::start(&config, &nats, &health, &metrics, &board, pool, announcements);
    running.until_end(slots, shutdown, nats).await;
    Ok(())
}

async fn connect(config: &Config) -> Result<Nats, Fatal> {
    let options = NatsOptions {
        url: config.nats_url.clone(),
        seed: config.nats_seed.clone(),
        role: "supervisor".to_owned(),
        name: "supervisor".to_owned(),
    };
    Ok(Nats::connect(options).await?)
}

/// What runs beside the pool.
struct Running {
    recorder: JoinHandle<()>,
    announcements: JoinHandle<()>,
    stop_recorder: shutdown::Trigger,
    stop_announcements: shutdown::Trigger,
    /// They end with the supervisor and have nothing to finish.
    others: JoinSet<()>,
}

impl Running {
    fn start(
        config: &Config,
        nats: &Nats,
        health: &Health,
        metrics: &Metrics,
        board: &Board,
        pool: Pool,
        announcements: Announcements,
    ) -> Self {
        let topology = Arc::new(Topology::embedded());
        let (stop_recorder, stop) = shutdown::manual();
        let (stop_announcements, silence) = shutdown::manual();
        let recorder = Recorder {
            nats: nats.clone(),
            target: config.database.clone(),
            health: health.clone(),
            metrics: RecorderMetrics::register(metrics),
            stop,
        };
        let desk_metrics = DeskMetrics::register(metrics);
        let mut others = JoinSet::new();
        others.spawn(nats.clone().watch(NATS, health.clone()));
        others.spawn(ensure_streams(
            nats.clone(),
            Arc::clone(&topology),
            config.stream_replicas,
            health.clone(),
        ));
        let desk = Desk {
            pool,
            health: health.clone(),
            metrics: desk_metrics.clone(),
        };
        others.spawn(desk.run(nats.clone()));
        others.spawn(given_up::run(nats.clone(), desk_metrics));
        if let Some(settings) = config.queue_metrics.clone() {
            others.spawn(queue_metrics::run(nats.clone(), SERVICE, settings));
        }
        let life = topology.key_value.iter().find(|bucket| bucket.bucket == "AGENTS");
        let life = Duration::from_secs(life.map_or(30, |bucket| bucket.ttl_seconds));
        others.spawn(show_presence(nats.clone(), board.clone(), life));
        Self {
            recorder: tokio::spawn(recorder.run()),
            announcements: tokio::spawn(announcements.run(nats.clone(), silence)),
            stop_recorder,
            stop_announcements,
            others,
        }
    }

    /// Agents end first; then what they said is announced and recorded; then the connection is closed.
    async fn until_end(mut self, mut slots: JoinSet<()>, shutdown: Shutdown, nats: Nats) {
        shutdown.draining().await;
        while slots.join_next().await.is_some() {}
        tracing::info!("all agents ended");
        self.others.shutdown().await;
        self.stop_announcements.advance(Phase::Draining);
        let announced = tokio::time::timeout(LAST_WORDS, self.announcements).await;
        self.stop_recorder.advance(Phase::Draining);
        let recorded = tokio::time::timeout(LAST_WORDS, self.recorder).await;
        nats.drain().await;
        let complete = announced.is_ok() && recorded.is_ok();
        let hurried = shutdown.phase() == Phase::Hurrying;
        tracing::info!(complete, hurried, "supervisor ended");
    }
}

/// Makes streams, consumers and buckets, and makes them again when a server without them took over.
async fn ensure_streams(nats: Nats, topology: Arc<Topology>, replicas: usize, health: Health) {
    let mut retry = Retry::new(Backoff::connection());
    loop {
        match topology.ensure(&nats.jetstream, replicas).await {
            Ok(()) => {
                retry.reset();
                health.set(STREAMS, Ok(()));
                until_lost(&nats).await;
            }
            Err(fault) => {
                tracing::warn!(code = fault.code.as_str(), "{fault}");
                health.set(STREAMS, Err(fault.detail));
                retry.wait().await;
            }
        }
    }
}

/// Returns when the server says that the queue of tasks does not exist.
async fn until_lost(nats: &Nats) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        if let Err(error) = nats.jetstream.get_stream("TASKS").await
            && matches!(error.kind(), GetStreamErrorKind::JetStream(_))
        {
            tracing::warn!(%error, "the streams are gone");
            return;
        }
    }
}
