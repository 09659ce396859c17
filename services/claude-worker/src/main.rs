//! Runs one Claude CLI per job from the work queue, as the first process of its container.
//!
//! Endpoints on `HTTP_PORT`: `/health/live`, `/health/ready`, `/metrics`.

mod attempt;
mod claude_cli;
mod cli_report;
mod cli_run;
mod courier;
mod delivery;
mod error;
mod hooks;
mod job;
mod line_reader;
mod metrics;
mod monitor;
mod output;
mod presence;
mod process;
mod queue;
mod rate_limit;
mod redact;
mod scratch;
mod session;
mod settings;
mod stream_line;
mod sweep;
mod token;
mod totals;
mod verdict;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mistersmith_common::config::{ConfigError, EXIT_CONFIG, environment};
use mistersmith_common::service_spec::ServiceSpec;
use mistersmith_common::{health_client, logging};
use tracing::Instrument;

use crate::settings::Settings;

/// Runs one Claude CLI per job from the work queue.
#[derive(Parser)]
#[command(name = "claude-worker", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Pull jobs and run them until SIGTERM.
    Run,
    /// Ask the worker of this container whether it lives; exit 1 if not.
    Health {
        /// Ask whether it takes jobs.
        #[arg(long)]
        ready: bool,
    },
    /// Show the environment variables.
    Config {
        /// As JSON.
        #[arg(long, required = true)]
        json: bool,
    },
}

fn main() -> ExitCode {
    #[expect(clippy::expect_used, reason = "the file is compiled in and read by a test")]
    let spec = ServiceSpec::parse(include_str!("../service.yaml")).expect("service.yaml is valid");
    match CommandLine::parse().command {
        Command::Run => run(&spec),
        Command::Health { ready } => health(&spec, ready),
        Command::Config { .. } => {
            say(&spec.table());
            ExitCode::SUCCESS
        }
    }
}

fn run(spec: &ServiceSpec) -> ExitCode {
    let settings = match Settings::read(spec, &environment()) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    logging::init(&spec.name, &settings.log_level);
    let span = tracing::error_span!("worker", worker_id = %settings.worker_id);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    #[expect(clippy::expect_used, reason = "without a runtime there is nobody to tell")]
    let runtime = runtime.expect("a runtime");
    match runtime.block_on(worker::run(&spec.name, settings).instrument(span)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            tracing::error!(code = fault.code.as_str(), "{fault}");
            ExitCode::FAILURE
        }
    }
}

fn health(spec: &ServiceSpec, ready: bool) -> ExitCode {
    let port = match settings::http_port(spec, &environment()) {
        Ok(port) => port,
        Err(error) => return refuse(&error),
    };
    match health_client::ask(port, ready) {
        Ok(body) => {
            say(&body);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            complain(&reason);
            ExitCode::FAILURE
        }
    }
}

fn refuse(error: &ConfigError) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(EXIT_CONFIG)
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the complaint of a command")]
fn complain(text: &str) {
    eprintln!("{text}");
}
