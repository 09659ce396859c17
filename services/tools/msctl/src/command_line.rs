//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use mistersmith_common::messages::Name;
use uuid::Uuid;

/// Looks after a MisterSmith system.
#[derive(Debug, Parser)]
#[command(name = "msctl", version)]
pub(crate) struct CommandLine {
    /// Print JSON instead of tables; a command that follows something prints one line per event.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Submit tasks and follow them.
    #[command(subcommand)]
    Task(TaskCommand),
    /// Show the agents of the pool.
    Pool,
    /// Show the workers that are alive.
    Workers,
    /// Follow or share discoveries.
    #[command(subcommand)]
    Discoveries(DiscoveryCommand),
    /// Add up what the jobs cost.
    Cost {
        /// What to add up by.
        #[arg(long, value_enum, default_value = "worker")]
        by: CostKey,
    },
    /// Look at messages that could not be handled, and send them again.
    #[command(subcommand)]
    Dlq(DlqCommand),
    /// Make tokens for the gateway.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make the keys of a deployment.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Check every part of the system, and say what to do about what is wrong.
    Doctor,
    /// Show the environment variables.
    Config,
    /// Print a completion script.
    Completions {
        /// The shell it is for.
        shell: Shell,
    },
}

/// `msctl task`.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Put a task into the queue and print its id.
    Submit(SubmitArgs),
    /// Follow a task to its end; exit 1 when it does not succeed.
    Watch {
        /// The task.
        id: Uuid,
        /// Show the lines of the CLI too.
        #[arg(long)]
        output: bool,
    },
    /// Show where a task is.
    Get {
        /// The task.
        id: Uuid,
    },
}

/// `msctl task submit`.
#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// What is to be done; `-` reads it from standard input.
    pub(crate) prompt: String,
    /// Role the agent should have; any role without it.
    #[arg(long, value_parser = name)]
    pub(crate) role: Option<Name>,
    /// Queue that the task waits in.
    #[arg(long, value_enum, default_value = "normal")]
    pub(crate) priority: PriorityArg,
    /// Money the task may cost, USD; without it the supervisor's own limit.
    #[arg(long)]
    pub(crate) budget_usd: Option<f64>,
    /// Time the job may take, such as `90s`, `15m` or `2h`; without it the supervisor's own limit.
    #[arg(long, value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// CLI session to go on with.
    #[arg(long)]
    pub(crate) session_id: Option<Uuid>,
    /// Follow the task to its end.
    #[arg(long)]
    pub(crate) watch: bool,
}

/// The queues.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PriorityArg {
    High,
    Normal,
    Low,
}

/// `msctl discoveries`.
#[derive(Debug, Subcommand)]
pub(crate) enum DiscoveryCommand {
    /// Print discoveries as they come.
    Watch(WatchArgs),
    /// Share a discovery in the name of an agent.
    Share(ShareArgs),
}

/// `msctl discoveries watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Only of this agent; may be repeated.
    #[arg(long, value_parser = name)]
    pub(crate) agent: Vec<Name>,
    /// Only of this kind; may be repeated.
    #[arg(long = "type", value_enum)]
    pub(crate) kind: Vec<DiscoveryKind>,
    /// Only as sure as this, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) min_confidence: f64,
    /// Begin after this sequence; without it with what comes next.
    #[arg(long)]
    pub(crate) after: Option<u64>,
    /// End after so many.
    #[arg(long)]
    pub(crate) count: Option<u64>,
}

/// `msctl discoveries share`.
#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    /// The discovery.
    pub(crate) content: String,
    /// Agent that is named as its finder.
    #[arg(long, value_parser = name)]
    pub(crate) agent: Name,
    /// Kind of discovery.
    #[arg(long = "type", value_enum)]
    pub(crate) kind: DiscoveryKind,
    /// How sure it is, 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) confidence: f64,
    /// Tag; may be repeated.
    #[arg(long)]
    pub(crate) tag: Vec<String>,
}

/// Kinds of discoveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiscoveryKind {
    Pattern,
    Anomaly,
    Connection,
    Solution,
    Question,
    Insight,
}

/// What costs are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CostKey {
    Worker,
    Agent,
    Model,
}

/// `msctl dlq`.
#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    /// Show dead letters, the oldest first.
    List,
    /// Send dead letters again and remove them.
    Replay {
        /// Their numbers in the list.
        #[arg(required_unless_present = "all")]
        sequences: Vec<u64>,
        /// All of them.
        #[arg(long, conflicts_with = "sequences")]
        all: bool,
    },
}

/// `msctl token`.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Sign a token and print it.
    Issue(TokenArgs),
}

/// `msctl token issue`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Client or agent that the token names.
    #[arg(long, value_parser = name)]
    pub(crate) subject: Name,
    /// What the token allows; may be repeated.
    #[arg(long, required = true, value_parser = SCOPES)]
    pub(crate) scope: Vec<String>,
    /// How long it is valid, such as `15m`, `12h` or `7d`.
    #[arg(long, value_parser = duration, default_value = "1h")]
    pub(crate) ttl: Duration,
    /// File with the Ed25519 private key (PKCS#8 PEM).
    #[arg(long)]
    pub(crate) key: PathBuf,
}

/// What a token can allow.
const SCOPES: [&str; 6] = [
    "discoveries:read",
    "discoveries:write",
    "tasks:read",
    "tasks:write",
    "pool:read",
    "cost:read",
];

/// `msctl keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Write a signing key, its public half and an nkey per role as files.
    Generate {
        /// Directory that is made for them; it must not hold such files yet.
        directory: PathBuf,
    },
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

/// A number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a number with one of the units s, m, h, d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    match number.checked_mul(seconds) {
        Some(0) | None => Err(wrong()),
        Some(total) => Ok(Duration::from_secs(total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for bad in ["", "5", "h", "-1s", "1w", "0s", "9999999999999999999d", "1é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
