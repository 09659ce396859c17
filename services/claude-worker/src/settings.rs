//! What the environment says, read once.

use std::path::PathBuf;
use std::time::Duration;

use mistersmith_common::config::{ConfigError, Environment, Reader, Secret};
use mistersmith_common::messages::Name;
use mistersmith_common::nats::NatsOptions;
use mistersmith_common::service_spec::ServiceSpec;
use uuid::Uuid;

/// Role of `permissions.json`.
const ROLE: &str = "worker";

/// Everything that can be set; the meanings stand in `service.yaml`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) nats: NatsOptions,
    pub(crate) gateway_url: String,
    pub(crate) api_key: Secret,
    pub(crate) api_url: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) api_retries: u64,
    pub(crate) cli: PathBuf,
    pub(crate) allowed_tools: String,
    pub(crate) worker_id: Name,
    pub(crate) slots: usize,
    pub(crate) work_dir: PathBuf,
    pub(crate) hooks_dir: PathBuf,
    pub(crate) hook_timeout: Duration,
    pub(crate) kill_grace: Duration,
    pub(crate) progress_every: Duration,
    pub(crate) max_output_bytes: usize,
    pub(crate) max_lines_per_second: u64,
    pub(crate) max_cost_usd: f64,
    pub(crate) http_port: u16,
    pub(crate) drain_timeout: Duration,
    pub(crate) log_level: String,
}

impl Settings {
    /// Reads every variable before refusing any.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn read(spec: &ServiceSpec, environment: &Environment) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(spec, environment);
        let settings = Self::take(&mut reader);
        reader.finish(settings)
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let worker_id = worker_id(reader);
        let mut seconds = |name: &str| Duration::from_secs(reader.integer(name));
        let hook_timeout = seconds("HOOK_TIMEOUT_SECONDS");
        let kill_grace = seconds("JOB_KILL_GRACE_SECONDS");
        let progress_every = seconds("WORK_PROGRESS_SECONDS");
        let drain_timeout = seconds("DRAIN_TIMEOUT_SECONDS");
        let nats = NatsOptions {
            url: reader.text("NATS_URL"),
            seed: reader.optional_secret("NATS_NKEY_SEED"),
            role: ROLE.to_owned(),
            name: worker_id.to_string(),
        };
        Self {
            nats,
            gateway_url: reader.text("MCP_GATEWAY_URL"),
            api_key: reader.secret("ANTHROPIC_API_KEY"),
            api_url: reader.optional_text("ANTHROPIC_BASE_URL"),
            model: reader.optional_text("CLAUDE_MODEL"),
            api_retries: reader.integer("CLAUDE_API_RETRIES"),
            cli: reader.path("CLAUDE_CLI_PATH"),
            allowed_tools: reader.text("CLAUDE_ALLOWED_TOOLS"),
            worker_id,
            slots: whole(reader.integer("WORKER_SLOTS")),
            work_dir: reader.path("WORK_DIR"),
            hooks_dir: reader.path("HOOKS_DIR"),
            hook_timeout,
            kill_grace,
            progress_every,
            max_output_bytes: whole(reader.integer("MAX_OUTPUT_BYTES")),
            max_lines_per_second: reader.integer("MAX_OUTPUT_LINES_PER_SECOND"),
            max_cost_usd: reader.number("MAX_COST_USD_PER_CONTAINER"),
            http_port: reader.port("HTTP_PORT"),
            drain_timeout,
            log_level: reader.text("LOG_LEVEL"),
        }
    }
}

/// Replicas share one configuration, so a worker without a name makes one that no other has.
fn worker_id(reader: &mut Reader<'_>) -> Name {
    let given = reader.optional_text("WORKER_ID").map(Name::new);
    match given {
        Some(Ok(name)) => return name,
        Some(Err(error)) => reader.refuse("WORKER_ID", &format!("is {error}")),
        None => {}
    }
    let random = Uuid::new_v4().simple().to_string();
    #[expect(clippy::expect_used, reason = "letters, digits and a dash are a name")]
    Name::new(format!("worker-{}", &random[..8])).expect("a name")
}

fn whole(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// The port that the health command asks; it needs no other variable.
///
/// # Errors
/// The variable is not a port.
pub(crate) fn http_port(spec: &ServiceSpec, environment: &Environment) -> Result<u16, ConfigError> {
    let mut reader = Reader::new(spec, environment);
    let port = reader.port("HTTP_PORT");
    reader.finish(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> ServiceSpec {
        ServiceSpec::parse(include_str!("../service.yaml")).unwrap()
    }

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_variable_of_the_spec_is_read() {
        let (spec, nothing) = (spec(), Environment::new());
        let mut reader = Reader::new(&spec, &nothing);
        let _ = Settings::take(&mut reader);
        assert_eq!(reader.unread(), Vec::<&str>::new());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let bad = environment(&[
            ("WORKER_ID", "Not A Name"),
            ("WORKER_SLOTS", "0"),
            ("NATS_URL", "nats://n:4222"),
        ]);
        let text = Settings::read(&spec(), &bad).unwrap_err().to_string();
        for part in [
            "WORKER_ID",
            "WORKER_SLOTS=0",
            "MCP_GATEWAY_URL",
            "ANTHROPIC_API_KEY",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_worker_without_a_name_makes_one() {
        let good = environment(&[
            ("NATS_URL", "nats://n:4222"),
            ("MCP_GATEWAY_URL", "http://g:8080/mcp"),
            ("ANTHROPIC_API_KEY", "k"),
        ]);
        let first = Settings::read(&spec(), &good).unwrap().worker_id;
        let second = Settings::read(&spec(), &good).unwrap().worker_id;
        assert_ne!(first, second);
    }
}
