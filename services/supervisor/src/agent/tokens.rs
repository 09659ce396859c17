//! Answers workers that ask for a fresh token of the job in hand: it waited in the queue longer than its own lives.

use std::convert::Infallible;

use async_nats::Message;
use futures_util::StreamExt;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::messages::{Envelope, JobTokenReply, JobTokenRequest};
use mistersmith_common::nats::Nats;

use super::desk::{Desk, TokenJob};

/// Answers for as long as the task is in hand; nobody else answers for its job.
pub async fn serve(nats: &Nats, desk: &Desk, job: &TokenJob) -> Infallible {
    let subject = format!("jobs.{}.token", job.job_id);
    let mut retry = Retry::new(Backoff::connection());
    loop {
        match nats.client.subscribe(subject.clone()).await {
            Ok(mut requests) => {
                while let Some(request) = requests.next().await {
                    answer(nats, desk, job, request).await;
                }
            }
            Err(error) => tracing::debug!(%error, "requests for tokens are not read"),
        }
        retry.wait().await;
    }
}

async fn answer(nats: &Nats, desk: &Desk, job: &TokenJob, request: Message) {
    let asked = Envelope::<JobTokenRequest>::decode(&request.payload).map(|asked| asked.payload);
    let (Ok(asked), Some(inbox)) = (asked, request.reply) else {
        tracing::warn!("a request for a token is not valid");
        return;
    };
    if asked.job_id != job.job_id {
        return;
    }
    // Without the supervisor this process ends by itself.
    let Ok(mcp_token) = desk.token(job).await else {
        return;
    };
    let reply = JobTokenReply {
        job_id: job.job_id.clone(),
        mcp_token,
    };
    let reply = Envelope::new(reply).about(job.task_id);
    tracing::info!(job_id = job.job_id, worker_id = %asked.worker_id, "the job has a fresh token");
    if let Err(error) = nats.client.publish(inbox, reply.encode()).await {
        tracing::debug!(%error, "the worker asks again");
    }
}
