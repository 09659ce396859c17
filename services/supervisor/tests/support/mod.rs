//! A supervisor with real servers, and the other services' side of its contracts.

#![allow(dead_code, reason = "every test program uses another part")]

mod work;

use std::time::Duration;

use async_nats::jetstream::Message;
use futures_util::StreamExt;
use mistersmith_common::config::Secret;
use mistersmith_common::messages::{Command, Control, ControlReply, Envelope, Name, PoolView, SlotState};
use mistersmith_common::nats::{Nats, NatsOptions};
use mistersmith_test_support::{Database, NatsServer, Service, free_port, signing_key};

/// Longest wait of a test for anything.
pub const SOON: Duration = Duration::from_secs(20);

/// NATS with roles, Postgres, a supervisor, and a client that may do what an operator may.
pub struct System {
    pub supervisor: Service,
    pub nats: Nats,
    pub server: NatsServer,
    pub database: Database,
    pub port: u16,
    environment: Vec<(String, String)>,
}

impl System {
    /// Everything, with the supervisor ready.
    pub async fn start(extra: &[(&str, &str)]) -> Self {
        let (server, database) = (NatsServer::start_with_roles(), Database::create().await);
        let mut system = Self::start_with(server, database, extra).await;
        system.until_ready();
        system
    }

    /// Everything, with the supervisor just started.
    pub async fn start_with(server: NatsServer, database: Database, extra: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut environment: Vec<(String, String)> = vec![
            ("NATS_URL".to_owned(), server.url()),
            ("NATS_NKEY_SEED".to_owned(), server.seed("supervisor")),
            ("DATABASE_URL".to_owned(), database.url()),
            ("MCP_SIGNING_KEY".to_owned(), signing_key()),
            ("HTTP_PORT".to_owned(), port.to_string()),
            ("WORKER_POOL_SIZE".to_owned(), "3".to_owned()),
        ];
        for (name, value) in extra {
            environment.retain(|(other, _)| other != name);
            environment.push(((*name).to_owned(), (*value).to_owned()));
        }
        let nats = client(&server, "supervisor").await;
        let supervisor = run(&environment, port);
        Self {
            supervisor,
            nats,
            server,
            database,
            port,
            environment,
        }
    }

    /// Ends the supervisor's process and starts a new one.
    pub fn replace_supervisor(&mut self) {
        self.supervisor = run(&self.environment, self.port);
        self.supervisor.wait_for_message("supervisor started", SOON);
    }

    /// Waits until all checks are good.
    pub fn until_ready(&mut self) {
        let mut missing = vec!["nats", "streams", "postgres", "agents"];
        while !missing.is_empty() {
            let line = self.supervisor.wait_for_message("check is good", SOON);
            missing.retain(|check| line["check"] != *check);
        }
    }

    /// The pool as HTTP shows it.
    pub fn pool(&self) -> PoolView {
        let (status, body) = self.supervisor.get("/v1/pool").unwrap();
        assert_eq!(status, 200);
        serde_json::from_str(&body).unwrap()
    }

    /// Waits until the newest status of an agent, as the stream tells it, leaves the pool as wanted.
    pub async fn until_pool(&self, what: &str, wanted: impl Fn(&PoolView) -> bool) -> PoolView {
        let mut changes = self.nats.client.subscribe("agent.*.status").await.unwrap();
        self.nats.client.flush().await.unwrap();
        let waiting = async {
            loop {
                let pool = self.pool();
                if wanted(&pool) {
                    return pool;
                }
                // Every change is announced; the short limit covers one between the two lines above.
                let _ = tokio::time::timeout(Duration::from_millis(200), changes.next()).await;
            }
        };
        let pool = tokio::time::timeout(SOON, waiting).await;
        pool.unwrap_or_else(|_| panic!("the pool is never `{what}`: {:?}", self.pool()))
    }

    /// Asks the supervisor something.
    pub async fn ask(&self, subject: &str, control: Control) -> ControlReply {
        self.ask_raw(subject, Envelope::new(control).encode().to_vec())
            .await
    }

    /// Sends any bytes as a request.
    pub async fn ask_raw(&self, subject: &str, data: Vec<u8>) -> ControlReply {
        let reply = self
            .nats
            .client
            .request(subject.to_owned(), data.into())
            .await
            .unwrap();
        Envelope::<ControlReply>::decode(&reply.payload).unwrap().payload
    }

    /// The first message of a subject in a stream, also when it is still to come.
    pub async fn first_on(&self, stream: &str, subject: &str) -> Message {
        let stream = self.nats.jetstream.get_stream(stream).await.unwrap();
        let config = async_nats::jetstream::consumer::pull::Config {
            filter_subject: subject.to_owned(),
            ack_policy: async_nats::jetstream::consumer::AckPolicy::None,
            ..Default::default()
        };
        let consumer = stream.create_consumer(config).await.unwrap();
        let mut batch = consumer
            .batch()
            .max_messages(1)
            .expires(SOON)
            .messages()
            .await
            .unwrap();
        batch
            .next()
            .await
            .unwrap_or_else(|| panic!("nothing on {subject}"))
            .unwrap()
    }

    /// How many messages of a subject a stream has.
    pub async fn count_on(&self, stream: &str, subject: &str) -> usize {
        let stream = self.nats.jetstream.get_stream(stream).await.unwrap();
        let info = stream.info_with_subjects(subject).await.unwrap();
        info.map(|entry| entry.map_or(0, |(_, count)| count))
            .fold(0, async |sum, count| sum + count)
            .await
    }

    /// Waits until a stream has no message of a subject: what ends a message is told before the message is gone.
    pub async fn until_none_on(&self, stream: &str, subject: &str) {
        let waiting = async {
            while self.count_on(stream, subject).await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, waiting)
            .await
            .unwrap_or_else(|_| panic!("{subject} is never gone from {stream}"));
    }

    /// Waits until the metrics have this line.
    pub async fn until_metric(&self, line: &str) {
        let waiting = async {
            while !self
                .supervisor
                .get("/metrics")
                .unwrap()
                .1
                .lines()
                .any(|other| other == line)
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let metrics = || self.supervisor.get("/metrics").unwrap().1;
        tokio::time::timeout(SOON, waiting)
            .await
            .unwrap_or_else(|_| panic!("no `{line}`:\n{}", metrics()));
    }

    /// Waits until a query returns this number.
    pub async fn until_count(&self, query: &str, wanted: i64) {
        let client = self.database.client().await;
        let waiting = async {
            loop {
                let found: i64 = client.query_one(query, &[]).await.map_or(-1, |row| row.get(0));
                if found == wanted {
                    return;
                }
                assert!(found <= wanted, "{query}: {found} instead of {wanted}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, waiting)
            .await
            .unwrap_or_else(|_| panic!("`{query}` is never {wanted}"));
    }
}

/// A connection with the identity of a role.
pub async fn client(server: &NatsServer, role: &str) -> Nats {
    let options = NatsOptions {
        url: server.url(),
        seed: Some(Secret::new(server.seed(role))),
        role: role.to_owned(),
        name: "test".to_owned(),
    };
    Nats::connect(options).await.unwrap()
}

/// A request.
pub fn control(command: Command, agent: Option<&str>) -> Control {
    Control {
        command,
        agent_id: agent.map(|agent| Name::new(agent).unwrap()),
        role: None,
        input: None,
    }
}

/// Agents of a pool in this state.
pub fn count(pool: &PoolView, state: SlotState) -> usize {
    pool.agents.iter().filter(|agent| agent.state == state).count()
}

/// Kills a process.
pub fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

fn run(environment: &[(String, String)], port: u16) -> Service {
    let variables: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Service::start(env!("CARGO_BIN_EXE_supervisor"), &["run"], &variables, port)
}
