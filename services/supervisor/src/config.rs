//! The supervisor's settings, read once before anything else happens.

use std::time::Duration;

use mistersmith_common::backoff::Backoff;
use mistersmith_common::config::{ConfigError, Environment, Reader, Secret};
use mistersmith_common::messages::Name;
use mistersmith_common::service_spec::ServiceSpec;

use crate::limits::Limits;
use crate::queue_metrics;
use crate::recorder::Target;
use crate::restart::RestartRules;
use crate::token::Signer;

/// Everything that the environment decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of NATS.
    pub nats_url: String,
    /// Identity on NATS.
    pub nats_seed: Option<Secret>,
    /// Where Postgres is.
    pub database: Target,
    /// Signs the tokens of jobs.
    pub signer: Signer,
    /// Number of agents.
    pub pool_size: u32,
    /// Roles, dealt to the slots in turn; never empty.
    pub roles: Vec<Name>,
    /// Limits of one agent process.
    pub limits: Limits,
    /// When and how often a crashed agent comes back.
    pub restart: RestartRules,
    /// What a job gets when its task names nothing.
    pub job: JobDefaults,
    /// Replicas of every stream.
    pub stream_replicas: usize,
    /// When the length of the work queue is told to CloudWatch, if at all.
    pub queue_metrics: Option<queue_metrics::Settings>,
    /// Port of health, metrics and the pool.
    pub http_port: u16,
    /// Time between SIGTERM and giving up on work in flight.
    pub drain_timeout: Duration,
    /// Least severe level that is logged.
    pub log_level: String,
}

/// What a job gets when its task names nothing.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct JobDefaults {
    /// Time, ms.
    pub timeout_ms: u64,
    /// Money, USD.
    pub budget_usd: f64,
}

/// The spec that is compiled in.
///
/// # Panics
/// Never in a program whose tests ran: a test reads the same file.
#[must_use]
pub fn spec() -> ServiceSpec {
    #[expect(clippy::expect_used, reason = "the file is compiled in and read by a test")]
    ServiceSpec::parse(include_str!("../service.yaml")).expect("service.yaml is valid")
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(spec: &ServiceSpec, environment: &Environment) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(spec, environment);
        let config = read_all(&mut reader);
        reader.finish(config)
    }
}

/// Asks for every variable; faults are collected by the reader.
pub fn read_all(reader: &mut Reader<'_>) -> Config {
    Config {
        nats_url: reader.text("NATS_URL"),
        nats_seed: reader.optional_secret("NATS_NKEY_SEED"),
        database: database(reader),
        signer: signer(reader),
        pool_size: reader.integer("WORKER_POOL_SIZE") as u32,
        roles: roles(reader),
        limits: Limits {
            memory_bytes: reader.integer("AGENT_MEMORY_LIMIT_MIB") * 1024 * 1024,
            open_files: reader.integer("AGENT_MAX_OPEN_FILES"),
            processes: reader.integer("AGENT_MAX_PROCESSES"),
        },
        restart: restart(reader),
        job: JobDefaults {
            timeout_ms: reader.integer("JOB_TIMEOUT_SECONDS") * 1000,
            budget_usd: reader.number("JOB_BUDGET_USD"),
        },
        stream_replicas: reader.integer("NATS_STREAM_REPLICAS") as usize,
        queue_metrics: queue_metrics(reader),
        http_port: reader.port("HTTP_PORT"),
        drain_timeout: Duration::from_secs(reader.integer("DRAIN_TIMEOUT_SECONDS")),
        log_level: reader.text("LOG_LEVEL"),
    }
}

fn database(reader: &mut Reader<'_>) -> Target {
    let url = reader.secret("DATABASE_URL");
    let ca = reader.optional_text("DATABASE_CA");
    // An absent one is reported by the reader already.
    if url.expose().is_empty() {
        return Target::placeholder();
    }
    Target::new(&url, ca.as_deref()).unwrap_or_else(|reason| {
        reader.refuse("DATABASE_URL", &reason);
        Target::placeholder()
    })
}

fn signer(reader: &mut Reader<'_>) -> Signer {
    let key = reader.secret("MCP_SIGNING_KEY");
    let lifetime = Duration::from_secs(reader.integer("MCP_TOKEN_TTL_SECONDS"));
    Signer::new(&key, lifetime).unwrap_or_else(|| {
        // An absent key is reported by the reader already.
        if !key.expose().is_empty() {
            reader.refuse("MCP_SIGNING_KEY", "is not an Ed25519 private key in PKCS#8 PEM");
        }
        Signer::placeholder()
    })
}

fn roles(reader: &mut Reader<'_>) -> Vec<Name> {
    let text = reader.text("AGENT_ROLES");
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let roles: Result<Vec<_>, _> = parts.map(Name::new).collect();
    match roles {
        Ok(roles) if !roles.is_empty() => roles,
        Ok(_) => {
            reader.refuse("AGENT_ROLES", "names no role");
            Vec::new()
        }
        Err(error) => {
            reader.refuse("AGENT_ROLES", &format!("has a role that is {error}"));
            Vec::new()
        }
    }
}

fn queue_metrics(reader: &mut Reader<'_>) -> Option<queue_metrics::Settings> {
    let every = Duration::from_secs(reader.integer("EMF_INTERVAL_SECONDS"));
    let environment = reader.text("EMF_ENVIRONMENT");
    (!every.is_zero()).then_some(queue_metrics::Settings { every, environment })
}

fn restart(reader: &mut Reader<'_>) -> RestartRules {
    let min = Duration::from_millis(reader.integer("RESTART_BACKOFF_MIN_MS"));
    let max = Duration::from_millis(reader.integer("RESTART_BACKOFF_MAX_MS"));
    let backoff = Backoff::new(min, max).unwrap_or_else(|error| {
        reader.refuse(
            "RESTART_BACKOFF_MIN_MS",
            &format!("and RESTART_BACKOFF_MAX_MS do not fit: {error}"),
        );
        Backoff::connection()
    });
    RestartRules {
        backoff,
        budget: reader.integer("RESTART_BUDGET") as u32,
        window: Duration::from_secs(reader.integer("RESTART_WINDOW_SECONDS")),
    }
}
