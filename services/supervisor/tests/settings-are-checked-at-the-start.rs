//! Settings: what is wrong is said at once, and the table is that of the spec.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::process::{Command, Output};

use mistersmith_common::config::{Environment, Reader};
use mistersmith_test_support::signing_key;
use serde_json::Value;
use supervisor::config::{Config, spec};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_supervisor"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn valid() -> Environment {
    let pairs = [
        ("NATS_URL", "nats://nats:4222".to_owned()),
        ("DATABASE_URL", "postgres://u:p@db/d".to_owned()),
        ("MCP_SIGNING_KEY", signing_key()),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[test]
fn everything_wrong_is_listed_at_once_and_no_secret_is_shown() {
    let output = run(
        &["run"],
        &[
            ("NATS_URL", "nats"),
            ("WORKER_POOL_SIZE", "many"),
            ("LOG_LEVEL", "loud"),
            ("MCP_SIGNING_KEY", "canary-1"),
            ("DATABASE_URL_FILE", "/nowhere"),
            ("RESTART_BACKOFF_MIN_MS", "500"),
            ("RESTART_BACKOFF_MAX_MS", "100"),
            ("AGENT_ROLES", "Critic"),
        ],
    );
    assert_eq!(output.status.code(), Some(78));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    let codes: Vec<&str> = text.lines().map(|line| &line[..11]).collect();
    assert_eq!(codes.len(), 7, "{text}");
    assert!(
        text.contains("MS-CONF-001 WORKER_POOL_SIZE=many is not a whole number"),
        "{text}"
    );
    assert!(text.contains("MS-CONF-003 DATABASE_URL_FILE=/nowhere"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_valid_environment_reads_every_variable_of_the_spec() {
    let spec = spec();
    let environment = valid();
    let config = Config::read(&spec, &environment).unwrap();
    assert_eq!(config.pool_size, 10);
    assert_eq!(config.http_port, spec.port("http").unwrap());
    let mut reader = Reader::new(&spec, &environment);
    supervisor::config::read_all(&mut reader);
    assert_eq!(reader.unread(), Vec::<&str>::new());
}

#[test]
fn the_table_is_that_of_the_spec() {
    let output = run(&["config", "--json"], &[]);
    let table: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = table
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let spec = spec();
    let wanted: Vec<&str> = spec
        .variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    assert_eq!(names, wanted);
    let database = table
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "DATABASE_URL")
        .unwrap();
    assert_eq!(database["secret"], true);
    assert_eq!(database["required"], true);
}

#[test]
fn the_health_command_says_that_nobody_answers() {
    let output = run(&["health", "--ready"], &[("HTTP_PORT", "1")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("port 1 does not answer")
    );
    assert_eq!(run(&["--version"], &[]).status.code(), Some(0));
}

#[test]
fn an_agent_is_started_by_the_supervisor_only() {
    let output = run(&["agent"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.starts_with("MS-SUP-007 an agent is started by the supervisor"),
        "{text}"
    );
}
