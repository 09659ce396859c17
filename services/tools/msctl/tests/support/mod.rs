//! A real NATS server with the roles and streams of the contracts, and msctl as the operator starts it.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use mistersmith_common::config::Secret;
use mistersmith_common::nats::{Nats, NatsOptions};
use mistersmith_common::streams::Topology;
use mistersmith_test_support::NatsServer;
use serde_json::Value;

/// A server and a connection that may do everything.
pub struct System {
    pub server: NatsServer,
    pub nats: Nats,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The output as one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl System {
    /// A system whose streams are there.
    pub async fn start() -> Self {
        let server = NatsServer::start_with_roles();
        let nats = Nats::connect(NatsOptions {
            url: server.url(),
            seed: Some(Secret::new(server.seed("supervisor"))),
            role: "supervisor".to_owned(),
            name: "test".to_owned(),
        })
        .await
        .expect("NATS");
        Topology::embedded()
            .ensure(&nats.jetstream, 1)
            .await
            .expect("streams");
        Self { server, nats }
    }

    /// Runs msctl to its end, without standing in the way of what answers it.
    pub async fn msctl(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || ended(&mut command))
            .await
            .expect("msctl")
    }

    /// Starts msctl and hands out its lines.
    pub fn follow(&self, arguments: &[&str]) -> (Child, impl Iterator<Item = String> + use<>) {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("msctl");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        (child, lines.map_while(Result::ok))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = msctl(arguments);
        command
            .env("NATS_URL", self.server.url())
            .env("NATS_NKEY_SEED", self.server.seed("operator"));
        command
    }
}

/// msctl without any environment.
pub fn msctl(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msctl"));
    command.args(arguments).env_clear();
    command
}

/// Runs a command to its end.
pub fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("msctl");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}
