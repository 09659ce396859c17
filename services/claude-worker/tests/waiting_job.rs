//! A job may wait longer than the token lives that it was queued with.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt;
use mistersmith_common::messages::{Envelope, Job, JobTokenReply, JobTokenRequest, Outcome};
use support::{PATIENCE, System, events, job};

/// A token that ends so many seconds from now.
fn token(seconds: u64, mark: &str) -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let claims = format!(r#"{{"exp":{}}}"#, now + seconds);
    format!("head.{}.{mark}", URL_SAFE_NO_PAD.encode(claims))
}

#[tokio::test]
async fn runs_with_a_fresh_token() {
    let system = System::start().await;
    let _worker = system.ready_worker("worker-1", &[]);
    let mut requests = system.nats.client.subscribe("jobs.*.token").await.unwrap();
    system.nats.client.flush().await.unwrap();
    let copy = system.path("mcp");
    let fresh = token(3600, "fresh-canary");
    let prompt = format!(
        "cp ../mcp.json {}; say 'plain {fresh}'; result ok",
        copy.display()
    );
    let waited = Job {
        mcp_token: token(40, "stale-canary"),
        ..job(&prompt)
    };
    system.submit(&waited).await;
    let request = tokio::time::timeout(PATIENCE, requests.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(request.subject.as_str(), format!("jobs.{}.token", waited.job_id));
    let asked = Envelope::<JobTokenRequest>::decode(&request.payload)
        .unwrap()
        .payload;
    assert_eq!(
        (asked.job_id.as_str(), asked.worker_id.as_str()),
        (waited.job_id.as_str(), "worker-1")
    );
    let reply = JobTokenReply {
        job_id: waited.job_id.clone(),
        mcp_token: fresh.clone(),
    };
    let answer = Envelope::new(reply).encode();
    system
        .nats
        .client
        .publish(request.reply.unwrap(), answer)
        .await
        .unwrap();

    assert_eq!(system.result(&waited).await.outcome, Outcome::Succeeded);
    assert!(
        std::fs::read_to_string(copy)
            .unwrap()
            .contains(&format!("Bearer {fresh}"))
    );
    let told = events(&system.output(&waited).await);
    assert_eq!(told[0]["text"], "plain ***");
}

#[tokio::test]
async fn runs_with_its_own_when_nobody_has_a_fresh_one() {
    let system = System::start().await;
    let mut worker = system.ready_worker("worker-1", &[]);
    let copy = system.path("mcp");
    let stale = token(1, "stale-canary");
    let waited = Job {
        mcp_token: stale.clone(),
        ..job(&format!("cp ../mcp.json {}; result ok", copy.display()))
    };
    system.submit(&waited).await;
    worker.wait_for("the missing token is told", PATIENCE, |line| {
        line["code"] == "MS-WORK-014"
    });
    assert_eq!(system.result(&waited).await.outcome, Outcome::Succeeded);
    assert!(std::fs::read_to_string(copy).unwrap().contains(&stale));
}
