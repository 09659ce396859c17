//! The program: its commands, and how it ends.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mistersmith_common::config::environment;
use mistersmith_common::{health_client, logging};

use supervisor::config::{Config, spec};
use supervisor::error::Fatal;
use supervisor::{agent, supervisor as service};

/// Runs the pool of agents, records what they do, answers control requests.
#[derive(Parser)]
#[command(name = "supervisor", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs until SIGTERM; a second SIGTERM hurries
    Run,
    /// Runs one agent; the supervisor starts it
    #[command(hide = true)]
    Agent,
    /// Asks the supervisor in this container how it is; exit code 1 when it is not well
    Health {
        /// Asks whether it takes work instead of whether it lives
        #[arg(long)]
        ready: bool,
    },
    /// Prints the table of environment variables
    Config {
        /// As JSON, which is the only form
        #[arg(long, required = true)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Run => finish(start()),
        Command::Agent => finish(start_agent()),
        Command::Health { ready } => ask(ready),
        Command::Config { .. } => say(&spec().table(), ExitCode::SUCCESS),
    }
}

fn start() -> Result<(), Fatal> {
    let config = Config::read(&spec(), &environment())?;
    logging::init("supervisor", &config.log_level);
    runtime()?.block_on(service::run(config))
}

fn start_agent() -> Result<(), Fatal> {
    let level = environment().remove("LOG_LEVEL").unwrap_or_default();
    logging::init("supervisor", &level);
    runtime()?.block_on(agent::run())
}

/// One thread: a quarter of a core is all there is, and agents die with the thread that forked them.
fn runtime() -> Result<tokio::runtime::Runtime, Fatal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fatal::system("the runtime", &error))
}

fn ask(ready: bool) -> ExitCode {
    let spec = spec();
    let variable = spec
        .variable("HTTP_PORT")
        .and_then(|variable| variable.default.clone());
    let port = environment()
        .remove("HTTP_PORT")
        .filter(|port| !port.is_empty())
        .or(variable);
    match health_client::ask(port.and_then(|port| port.parse().ok()).unwrap_or_default(), ready) {
        Ok(body) => say(&body, ExitCode::SUCCESS),
        Err(reason) => say(&reason, ExitCode::FAILURE),
    }
}

/// Output that nobody reads is not an error.
fn say(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    code
}

fn finish(result: Result<(), Fatal>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fatal) => {
            let _ = writeln!(std::io::stderr(), "{fatal}");
            ExitCode::from(fatal.exit_code())
        }
    }
}
