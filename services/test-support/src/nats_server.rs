//! A real NATS server with JetStream.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use nkeys::KeyPair;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Child, free_port};

const ADVICE: &str = "Set NATS_SERVER_BIN or put nats-server (version in ci/versions.json) on PATH: \
                      go install github.com/nats-io/nats-server/v2@VERSION";

/// What `JetStream` may store, bytes: more than all streams ask for, whatever the machine's disk has left.
const ROOM: u64 = 1 << 40;

/// A server on a loopback port with its own storage; it can be stopped, started again and paused.
pub struct NatsServer {
    directory: TempDir,
    port: u16,
    seeds: BTreeMap<String, String>,
    child: Option<Child>,
}

impl NatsServer {
    /// A server that asks for no identity.
    #[must_use]
    pub fn start() -> Self {
        Self::with_config(&json!({}), BTreeMap::new())
    }

    /// A server with the roles of `services/contracts/permissions.json`, each with a fresh nkey.
    #[must_use]
    pub fn start_with_roles() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/permissions.json");
        let text = std::fs::read_to_string(path).expect("permissions.json");
        let permissions: Value = serde_json::from_str(&text).expect("permissions.json is JSON");
        let mut seeds = BTreeMap::new();
        let mut users = Vec::new();
        for (role, rights) in permissions["roles"].as_object().expect("roles") {
            let pair = KeyPair::new_user();
            seeds.insert(role.clone(), pair.seed().expect("a seed"));
            users.push(json!({
                "nkey": pair.public_key(),
                "permissions": {
                    "publish": allow_deny(rights, "publish"),
                    "subscribe": allow_deny(rights, "subscribe"),
                },
            }));
        }
        Self::with_config(&json!({ "authorization": { "users": users } }), seeds)
    }

    /// Address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Port for clients.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Seed of a role, with [`NatsServer::start_with_roles`].
    #[must_use]
    pub fn seed(&self, role: &str) -> String {
        self.seeds.get(role).expect("a role of permissions.json").clone()
    }

    /// Kills the server; its storage and port stay.
    pub fn stop(&mut self) {
        self.child = None;
    }

    /// Starts a stopped server again and returns when it is ready.
    pub fn start_again(&mut self) {
        let binary = std::env::var("NATS_SERVER_BIN").unwrap_or_else(|_| "nats-server".to_owned());
        let mut command = Command::new(binary);
        command
            .arg("--config")
            .arg(self.directory.path().join("nats.conf"));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = Child::start(&mut command, ADVICE);
        let mut lines = BufReader::new(child.inner().stderr.take().expect("stderr"));
        let mut seen = String::new();
        while !seen.contains("Server is ready") {
            let read = lines.read_line(&mut seen).expect("a line");
            assert!(read > 0, "nats-server ended before it was ready:\n{seen}");
        }
        // A full pipe would stop the server.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        self.child = Some(child);
    }

    /// Starts the server again, allowed to store this much, bytes.
    pub fn start_again_with_room(&mut self, bytes: u64) {
        self.stop();
        let path = self.directory.path().join("nats.conf");
        let text = std::fs::read_to_string(&path).expect("a file");
        let mut config: Value = serde_json::from_str(&text).expect("written below");
        config["jetstream"]["max_file"] = bytes.into();
        std::fs::write(path, config.to_string()).expect("a file");
        self.start_again();
    }

    /// Stops the server's execution; connections stay open and silent.
    pub fn pause(&self) {
        self.running().signal(Signal::STOP);
    }

    /// Goes on after [`NatsServer::pause`].
    pub fn resume(&self) {
        self.running().signal(Signal::CONT);
    }

    fn running(&self) -> &Child {
        self.child.as_ref().expect("a running server")
    }

    fn with_config(extra: &Value, seeds: BTreeMap<String, String>) -> Self {
        let directory = TempDir::with_prefix("mistersmith-nats-").expect("a directory");
        let port = free_port();
        let mut config = json!({
            "host": "127.0.0.1",
            "port": port,
            "max_payload": 1_048_576,
            "jetstream": { "store_dir": directory.path(), "max_file": ROOM },
        });
        config
            .as_object_mut()
            .expect("an object")
            .extend(extra.as_object().expect("an object").clone());
        // The server reads JSON as its own language, but only without escaped slashes, which serde never writes.
        std::fs::write(directory.path().join("nats.conf"), config.to_string()).expect("a file");
        let mut server = Self {
            directory,
            port,
            seeds,
            child: None,
        };
        server.start_again();
        server
    }
}

fn allow_deny(rights: &Value, what: &str) -> Value {
    let deny = rights
        .get(format!("deny_{what}"))
        .cloned()
        .unwrap_or_else(|| json!([]));
    json!({ "allow": rights[what], "deny": deny })
}
