//! The job's token has to outlive the job. One that was made when the job was queued may not: then the agent of the job
//! is asked for another.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Envelope, Job, JobTokenReply, JobTokenRequest, Name};
use serde::Deserialize;

use crate::courier::Courier;
use crate::error::NO_TOKEN;

/// A token that ends so soon after the job's time limit is not relied on.
const MARGIN: Duration = Duration::from_secs(30);
/// The agent may be in the middle of a restart; longer than this the job does not wait.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Claims {
    exp: u64,
}

/// The job with a token that lasts, or as it came when nobody has one.
pub(crate) async fn lasting(courier: &Courier, worker_id: &Name, job: &Job) -> Job {
    let mut job = job.clone();
    if lasts(&job.mcp_token, job.timeout_ms) {
        return job;
    }
    let fresh = tokio::select! {
        biased;
        () = courier.shutdown.hurrying() => return job,
        fresh = tokio::time::timeout(PATIENCE, ask(courier, worker_id, &job)) => fresh,
    };
    if let Ok(token) = fresh {
        tracing::info!("the job waited longer than its token lives; it has a fresh one");
        job.mcp_token = token;
    } else {
        let detail = "the job's token ends before the job may, and nobody gave a fresh one";
        let fault = Fault::new(NO_TOKEN, detail);
        tracing::warn!(code = fault.code.as_str(), "{fault}");
    }
    job
}

async fn ask(courier: &Courier, worker_id: &Name, job: &Job) -> String {
    let request = Envelope::new(JobTokenRequest {
        job_id: job.job_id.clone(),
        worker_id: worker_id.clone(),
    });
    let request = request.about(job.task_id).encode();
    let subject = format!("jobs.{}.token", job.job_id);
    let mut retry = Retry::new(Backoff::connection());
    loop {
        match courier.client.request(subject.clone(), request.clone()).await {
            Ok(reply) => match Envelope::<JobTokenReply>::decode(&reply.payload) {
                Ok(reply) if reply.payload.job_id == job.job_id => return reply.payload.mcp_token,
                _ => tracing::debug!("the answer is no token of this job"),
            },
            Err(error) => tracing::debug!(%error, "nobody has a fresh token"),
        }
        retry.wait().await;
    }
}

/// Whether a token lasts for a job that starts now. What is not a JWT with an end is the gateway's to judge.
fn lasts(token: &str, timeout_ms: u64) -> bool {
    let Some(end) = end_of(token) else { return true };
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    now.saturating_add(Duration::from_millis(timeout_ms))
        .saturating_add(MARGIN)
        <= end
}

fn end_of(token: &str) -> Option<Duration> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    Some(Duration::from_secs(claims.exp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(seconds: i64) -> String {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let claims = format!(r#"{{"exp":{}}}"#, now.saturating_add_signed(seconds));
        format!("x.{}.y", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_lasts_when_the_job_may_run_to_its_limit() {
        assert!(lasts(&token(700), 600_000));
        assert!(!lasts(&token(610), 600_000));
        assert!(!lasts(&token(-1), 1000));
        assert!(!lasts(&token(700), u64::MAX));
        assert!(lasts("header.claims.signature", 600_000));
        assert!(lasts("", 600_000));
    }
}
