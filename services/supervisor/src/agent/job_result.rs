//! Waits for the result of a job, which may be there already.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::messages::{Envelope, JobResult};
use mistersmith_common::nats::Nats;

const STREAM: &str = "RESULTS";
/// One request for the result; the next follows at once.
const WAIT: Duration = Duration::from_secs(20);

/// The result of a job from the stream, whenever it comes.
pub async fn wait(nats: &Nats, job_id: &str) -> Envelope<JobResult> {
    let mut retry = Retry::new(Backoff::connection());
    loop {
        match follow(nats, job_id).await {
            Ok(result) => return result,
            Err(error) => tracing::debug!(%error, "the result is not read"),
        }
        retry.wait().await;
    }
}

/// An ephemeral consumer lives as long as it is asked; after an outage there is a new one.
async fn follow(nats: &Nats, job_id: &str) -> Result<Envelope<JobResult>, async_nats::Error> {
    let stream = nats.jetstream.get_stream_no_info(STREAM).await?;
    let consumer = stream
        .create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::All,
            filter_subject: format!("jobs.{job_id}.result"),
            ack_policy: AckPolicy::None,
            memory_storage: true,
            inactive_threshold: WAIT * 3,
            ..pull::Config::default()
        })
        .await?;
    loop {
        let mut batch = consumer.batch().max_messages(1).expires(WAIT).messages().await?;
        if let Some(message) = batch.next().await {
            match Envelope::<JobResult>::decode(&message?.payload) {
                Ok(result) => return Ok(result),
                Err(error) => tracing::warn!(%error, "a result is not valid"),
            }
        }
    }
}
