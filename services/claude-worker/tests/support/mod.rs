//! A real NATS server with the roles and streams of the contracts, real workers, and a CLI that does what the prompt
//! says: the prompt of a test is a piece of shell.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull;
use futures_util::StreamExt;
use mistersmith_common::config::Secret;
use mistersmith_common::messages::{AgentOutput, Cost, Envelope, Job, JobResult, Name, Payload};
use mistersmith_common::nats::{Nats, NatsOptions};
use mistersmith_common::publish::publish_as;
use mistersmith_common::streams::Topology;
use mistersmith_common::trace::Trace;
use mistersmith_test_support::{NatsServer, Service, free_port};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// Longer than anything takes here, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const API_KEY: &str = "sk-canary-api-key";
pub const TOKEN: &str = "canary.mcp.token";

const CLI: &str = r#"#!/bin/sh
# A stand-in of the CLI: the prompt is the program.
arguments="$*"
say() { printf '%s\n' "$1"; }
result() { say "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"$1\",\"num_turns\":1,\"total_cost_usd\":${2:-0.25},\"model_usage_since_last_result\":{\"model-1\":{\"inputTokens\":10,\"outputTokens\":4,\"costUSD\":${2:-0.25}}}}"; }
eval "$(cat)"
"#;

/// The servers and directories of a test.
pub struct System {
    pub server: NatsServer,
    pub nats: Nats,
    pub directory: TempDir,
}

impl System {
    /// A system whose streams are there.
    pub async fn start() -> Self {
        Self::with_ack_wait(None).await
    }

    /// A system in which a dead worker is noticed after some seconds.
    pub async fn with_ack_wait(seconds: Option<u64>) -> Self {
        let system = Self::without_streams().await;
        let mut topology = Topology::embedded();
        for consumer in &mut topology.consumers {
            consumer.ack_wait_seconds = seconds.unwrap_or(consumer.ack_wait_seconds);
        }
        topology.ensure(&system.nats.jetstream, 1).await.expect("streams");
        system
    }

    /// A system in which the supervisor has not been yet.
    pub async fn without_streams() -> Self {
        let server = NatsServer::start_with_roles();
        let nats = Nats::connect(NatsOptions {
            url: server.url(),
            seed: Some(Secret::new(server.seed("supervisor"))),
            role: "supervisor".to_owned(),
            name: "test".to_owned(),
        })
        .await
        .expect("NATS");
        let directory = TempDir::with_prefix("worker-test-").expect("a directory");
        for name in ["work", "hooks"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        write_program(&directory.path().join("claude"), CLI);
        Self {
            server,
            nats,
            directory,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a hook in place.
    pub fn hook(&self, moment: &str, name: &str, script: &str) {
        let directory = self.path("hooks").join(moment);
        fs::create_dir_all(&directory).expect("a directory");
        write_program(&directory.join(name), &format!("#!/bin/sh\n{script}\n"));
    }

    /// Starts a worker and waits until it takes jobs.
    pub fn ready_worker(&self, name: &str, more: &[(&str, &str)]) -> Service {
        let worker = self.worker(name, more);
        wait_until("the worker is ready", || {
            worker.get("/health/ready").is_ok_and(|(status, _)| status == 200)
        });
        worker
    }

    /// Starts a worker.
    pub fn worker(&self, name: &str, more: &[(&str, &str)]) -> Service {
        let port = free_port();
        let text = |path: &str| self.path(path).display().to_string();
        let mut environment = vec![
            ("NATS_URL", self.server.url()),
            ("NATS_NKEY_SEED", self.server.seed("worker")),
            ("MCP_GATEWAY_URL", "http://gateway.test:8080/mcp".to_owned()),
            ("ANTHROPIC_API_KEY", API_KEY.to_owned()),
            ("CLAUDE_CLI_PATH", text("claude")),
            ("WORK_DIR", text("work")),
            ("HOOKS_DIR", text("hooks")),
            ("WORKER_ID", name.to_owned()),
            ("HTTP_PORT", port.to_string()),
            ("JOB_KILL_GRACE_SECONDS", "1".to_owned()),
            ("WORK_PROGRESS_SECONDS", "1".to_owned()),
        ];
        environment.retain(|(known, _)| !more.iter().any(|(name, _)| name == known));
        let pairs: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(more.iter().copied())
            .collect();
        Service::start(env!("CARGO_BIN_EXE_claude-worker"), &["run"], &pairs, port)
    }

    /// Puts a job into the queue.
    pub async fn submit(&self, job: &Job) -> Trace {
        let trace = Trace::start();
        let message = Envelope::new(job.clone()).about(job.task_id);
        publish_as(
            &self.nats.jetstream,
            "work.claude".to_owned(),
            &job.job_id,
            &message,
            &trace,
        )
        .await
        .expect("the job is stored");
        trace
    }

    /// Submits a job and waits for its result.
    pub async fn run(&self, job: &Job) -> JobResult {
        self.submit(job).await;
        self.result(job).await
    }

    /// Waits for the result of a job.
    pub async fn result(&self, job: &Job) -> JobResult {
        let subject = format!("jobs.{}.result", job.job_id);
        self.wait_for::<JobResult>("RESULTS", &subject, 1).await.remove(0)
    }

    /// Waits for a number of messages.
    pub async fn wait_for<P: Payload>(&self, stream: &str, subject: &str, count: usize) -> Vec<P> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.all(stream, subject).await;
            if found.len() >= count {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {count} on {subject}",
                found.len()
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Every message of a subject.
    pub async fn all<P: Payload>(&self, stream: &str, subject: &str) -> Vec<P> {
        let stream = self.nats.jetstream.get_stream(stream).await.expect("the stream");
        let config = pull::Config {
            filter_subject: subject.to_owned(),
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.expect("a consumer");
        let pending = usize::try_from(consumer.cached_info().num_pending).expect("a count");
        let mut found = Vec::new();
        if pending > 0 {
            let mut messages = consumer
                .fetch()
                .max_messages(pending)
                .messages()
                .await
                .expect("messages");
            while let Some(message) = messages.next().await {
                let message = message.expect("a message");
                found.push(
                    Envelope::<P>::decode(&message.payload)
                        .expect("a valid message")
                        .payload,
                );
            }
        }
        stream
            .delete_consumer(&consumer.cached_info().name)
            .await
            .expect("no consumer");
        found
    }

    /// The output lines of a job's agent.
    pub async fn output(&self, job: &Job) -> Vec<AgentOutput> {
        self.all("AGENT_EVENTS", &format!("agent.{}.output", job.agent_id))
            .await
    }

    /// The cost records of a worker.
    pub async fn costs(&self, worker: &str) -> Vec<Cost> {
        self.all("LEDGER", &format!("cost.{worker}")).await
    }

    /// What workers left on the volume.
    pub fn left_behind(&self) -> Vec<PathBuf> {
        let workers = fs::read_dir(self.path("work")).expect("a directory");
        let directories = workers
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir());
        directories
            .flat_map(|path| fs::read_dir(path).expect("a directory").flatten())
            .map(|entry| entry.path())
            .collect()
    }
}

/// A job whose prompt is a piece of shell.
pub fn job(prompt: &str) -> Job {
    let task_id = Uuid::now_v7();
    Job {
        job_id: format!("{task_id}-1"),
        task_id,
        agent_id: Name::new("agent-3").expect("a name"),
        role: Name::new("generalist").expect("a name"),
        prompt: prompt.to_owned(),
        mcp_token: TOKEN.to_owned(),
        budget_usd: 0.5,
        timeout_ms: 60_000,
        session_id: None,
    }
}

/// Waits for something that is looked at again and again.
pub fn wait_until(what: &str, met: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !met() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        #[expect(clippy::disallowed_methods, reason = "there is nothing to be woken by")]
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A number of a service's metrics.
pub fn metric(service: &Service, name: &str) -> f64 {
    let (_, text) = service.get("/metrics").expect("metrics");
    let full = format!("mistersmith_claude_worker_{name}");
    let line = text.lines().find(|line| line.split(' ').next() == Some(&full));
    let value = line
        .and_then(|line| line.split(' ').nth(1))
        .unwrap_or_else(|| panic!("{full} in {text}"));
    value.parse().expect("a number")
}

/// The events of output lines.
pub fn events(output: &[AgentOutput]) -> Vec<Value> {
    output
        .iter()
        .map(|line| Value::Object(line.event.clone()))
        .collect()
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its mode");
}
