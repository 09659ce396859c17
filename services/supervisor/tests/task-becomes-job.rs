//! The way of a task through the supervisor.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mistersmith_common::messages::{
    Envelope, JobTokenReply, JobTokenRequest, Name, Outcome, Priority, SlotState, Task,
};
use mistersmith_common::trace::{TRACEPARENT, Trace};
use serde_json::Value;
use uuid::Uuid;

use support::{SOON, System, client, count};

#[tokio::test]
async fn a_task_becomes_a_job_and_the_jobs_result_the_tasks() {
    let system = System::start(&[("AGENT_ROLES", "generalist")]).await;
    let trace = Trace::start();
    let task = Task {
        task_id: Uuid::now_v7(),
        prompt: "Why is the import slow?".to_owned(),
        role: Some(Name::new("critic").unwrap()),
        priority: Priority::High,
        budget_usd: Some(0.5),
        timeout_ms: None,
        session_id: None,
        submitted_by: "test".to_owned(),
    };
    let id = system.submit_task(task, &trace).await;
    let (job, message) = system.next_job().await;
    let job = job.payload;
    assert_eq!(job.job_id, format!("{id}-1"));
    assert_eq!(job.role.as_str(), "critic");
    assert!(job.prompt.ends_with("Why is the import slow?"));
    assert!((job.budget_usd - 0.5).abs() < f64::EPSILON);
    assert_eq!(job.timeout_ms, 600_000);
    assert_eq!(job.mcp_token.split('.').count(), 3);
    let headers = message.headers.clone().unwrap();
    let arrived: Trace = headers.get(TRACEPARENT).unwrap().as_str().parse().unwrap();
    assert_eq!(arrived.id(), trace.id());
    system.finish_job(&job, &message).await;
    let result = system.result_of(id).await;
    assert_eq!(result.outcome, Outcome::Succeeded);
    assert_eq!(result.result.as_deref(), Some("Done."));
    assert_eq!(result.worker_id.unwrap().as_str(), "worker-1");
    system
        .until_pool("idle", |pool| count(pool, SlotState::Idle) == 3)
        .await;
    system.until_none_on("TASKS", "tasks.queue.*").await;
}

fn claims(token: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test]
async fn a_worker_gets_a_fresh_token_for_a_job_that_waited() {
    let system = System::start(&[("MCP_TOKEN_TTL_SECONDS", "60")]).await;
    let id = system.submit("Do it.", Priority::Normal).await;
    let (job, message) = system.next_job().await;
    let job = job.payload;
    let request = JobTokenRequest {
        job_id: job.job_id.clone(),
        worker_id: Name::new("worker-1").unwrap(),
    };
    let worker = client(&system.server, "worker").await;
    let subject = format!("jobs.{}.token", job.job_id);
    let ask = async {
        loop {
            // The agent listens as soon as the job is stored, which is a moment before.
            let data = Envelope::new(request.clone()).encode();
            match worker.client.request(subject.clone(), data).await {
                Ok(reply) => return Envelope::<JobTokenReply>::decode(&reply.payload).unwrap().payload,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let reply = tokio::time::timeout(SOON, ask).await.unwrap();
    assert_eq!(reply.job_id, job.job_id);
    let (first, second) = (claims(&job.mcp_token), claims(&reply.mcp_token));
    for name in ["sub", "role", "task_id", "job_id", "scope"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_ne!(first["jti"], second["jti"]);
    let lifetime = second["exp"].as_u64().unwrap() - second["iat"].as_u64().unwrap();
    assert_eq!(lifetime, job.timeout_ms / 1000 + 60);

    system.finish_job(&job, &message).await;
    system.result_of(id).await;
    let late = worker.client.request(subject, Envelope::new(request).encode());
    assert!(late.await.is_err(), "nobody has the task in hand any more");
}

#[tokio::test]
async fn every_priority_is_served_and_no_more_tasks_are_taken_than_there_are_agents() {
    let system = System::start(&[("WORKER_POOL_SIZE", "2")]).await;
    for priority in [Priority::Low, Priority::Normal, Priority::High, Priority::Low] {
        system.submit("Do it.", priority).await;
    }
    system
        .until_pool("working", |pool| count(pool, SlotState::Working) == 2)
        .await;
    for _ in 0..4 {
        let (job, message) = system.next_job().await;
        system.finish_job(&job.payload, &message).await;
        system.result_of(job.payload.task_id).await;
    }
}

#[tokio::test]
async fn the_prompt_mentions_what_other_agents_found_out() {
    use mistersmith_common::messages::{Discovery, DiscoveryType};
    use mistersmith_common::publish::publish;
    let system = System::start(&[]).await;
    let discovery = Discovery {
        agent_id: Name::new("elsewhere").unwrap(),
        role: None,
        kind: DiscoveryType::Pattern,
        content: "The nightly import reads every row twice.".to_owned(),
        confidence: 0.9,
        task_id: None,
        tags: None,
        related_to: None,
    };
    let subject = "discoveries.elsewhere.pattern".to_owned();
    publish(
        &system.nats.jetstream,
        subject,
        &Envelope::new(discovery),
        &Trace::start(),
    )
    .await
    .unwrap();
    system
        .submit("Why is the nightly import slow?", Priority::Normal)
        .await;
    let (job, _) = system.next_job().await;
    assert!(
        job.payload.prompt.contains("reads every row twice"),
        "{}",
        job.payload.prompt
    );
}
