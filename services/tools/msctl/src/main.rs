//! Looks after a MisterSmith system: tasks, pool, workers, discoveries, costs, dead letters, keys.

mod command_line;
mod commands;
mod connection;
mod error;
mod http_get;
mod screen;
mod settings;
mod signing_key;
mod stream_reader;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use mistersmith_common::config::{ConfigError, EXIT_CONFIG, environment};
use mistersmith_common::fault::Fault;
use mistersmith_common::service_spec::ServiceSpec;

use crate::command_line::{
    Command, CommandLine, DiscoveryCommand, DlqCommand, KeysCommand, TaskCommand, TokenCommand,
};
use crate::commands::{cost, discoveries, dlq, doctor, keys, pool, task, token, workers};
use crate::connection::Connection;
use crate::error::{ARGUMENT, NO_ANSWER};
use crate::screen::Screen;
use crate::settings::Settings;

/// Exit code of a command line that is not one (`EX_USAGE` of sysexits).
const EXIT_USAGE: u8 = 64;

/// Why a command did not do what was asked.
enum Failure {
    /// The settings are wrong.
    Config(ConfigError),
    /// Something else is.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    #[expect(clippy::expect_used, reason = "the file is compiled in and read by a test")]
    let spec = ServiceSpec::parse(include_str!("../../service.yaml")).expect("service.yaml is valid");
    let screen = Screen { json: line.json };
    let done = match &line.command {
        Command::Config => {
            screen.line(&spec.table());
            Ok(false)
        }
        Command::Completions { shell } => {
            clap_complete::generate(
                *shell,
                &mut CommandLine::command(),
                "msctl",
                &mut std::io::stdout(),
            );
            Ok(false)
        }
        Command::Keys(KeysCommand::Generate { directory }) => keys::generate(screen, directory)
            .map(|()| false)
            .map_err(Failure::from),
        Command::Token(TokenCommand::Issue(given)) => {
            token::issue(screen, given).map(|()| false).map_err(Failure::from)
        }
        _ => connected(&spec, &line, screen),
    };
    match done {
        Ok(unhappy) => ExitCode::from(u8::from(unhappy)),
        Err(failure) => fail(&failure),
    }
}

fn connected(spec: &ServiceSpec, line: &CommandLine, screen: Screen) -> Result<bool, Failure> {
    let settings = Settings::read(spec, &environment()).map_err(Failure::Config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Fault::new(NO_ANSWER, error.to_string()))?;
    runtime.block_on(async {
        if matches!(line.command, Command::Doctor) {
            return Ok(doctor::examine(&settings, screen).await);
        }
        let connection = Connection::open(&settings).await?;
        Ok(run(&connection, &line.command, screen).await?)
    })
}

/// Runs a command that needs NATS; `true` when what it shows is not good.
async fn run(connection: &Connection, command: &Command, screen: Screen) -> Result<bool, Fault> {
    let done = match command {
        Command::Task(TaskCommand::Submit(given)) => return task::submit(connection, screen, given).await,
        Command::Task(TaskCommand::Watch { id, output }) => {
            return task::watch(connection, screen, *id, *output).await;
        }
        Command::Task(TaskCommand::Get { id }) => return task::get(connection, screen, *id).await,
        Command::Pool => pool::show(connection, screen).await,
        Command::Workers => workers::show(connection, screen).await,
        Command::Cost { by } => cost::show(connection, screen, *by).await,
        Command::Discoveries(DiscoveryCommand::Watch(wanted)) => {
            discoveries::watch(connection, screen, wanted).await
        }
        Command::Discoveries(DiscoveryCommand::Share(given)) => {
            discoveries::share(connection, screen, given).await
        }
        Command::Dlq(DlqCommand::List) => dlq::list(connection, screen).await,
        Command::Dlq(DlqCommand::Replay { sequences, all }) => {
            dlq::replay(connection, screen, sequences, *all).await
        }
        Command::Doctor
        | Command::Config
        | Command::Completions { .. }
        | Command::Keys(_)
        | Command::Token(_) => Ok(()),
    };
    done.map(|()| false)
}

fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        Screen { json: false }.line(error.to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let mut words = text.trim_start_matches("error: ").lines();
    let first = words.next().unwrap_or_default().trim_end_matches('.').to_owned();
    complain(&Fault::new(ARGUMENT, first).to_string());
    for more in words.filter(|line| !line.trim().is_empty()) {
        complain(more);
    }
    ExitCode::from(EXIT_USAGE)
}

fn fail(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Config(error) => {
            complain(&error.to_string());
            ExitCode::from(EXIT_CONFIG)
        }
        Failure::Fault(fault) => {
            complain(&fault.to_string());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the complaint of a command")]
fn complain(text: &str) {
    eprintln!("{text}");
}
