//! The workers that are alive: those whose entry in the bucket `WORKERS` has not expired.

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;
use futures_util::TryStreamExt;

use crate::messages::{Envelope, WorkerPresence};

const BUCKET: &str = "WORKERS";

/// Every worker that is alive, by name.
///
/// # Errors
/// NATS does not answer, or the bucket is not there yet.
pub async fn alive(jetstream: &Context) -> Result<Vec<WorkerPresence>, async_nats::Error> {
    let bucket = jetstream.get_key_value(BUCKET).await?;
    if is_empty(&bucket.stream).await {
        return Ok(Vec::new());
    }
    let mut names: Vec<String> = bucket.keys().await?.try_collect().await?;
    names.sort();
    let mut workers = Vec::new();
    for name in names {
        // An entry may expire between the question and the answer.
        let entry = bucket.get(name).await?;
        let presence = entry.and_then(|data| Envelope::<WorkerPresence>::decode(&data).ok());
        workers.extend(presence.map(|envelope| envelope.payload));
    }
    Ok(workers)
}

/// The client library waits for keys of a bucket that has none.
async fn is_empty(stream: &Stream) -> bool {
    stream
        .get_info()
        .await
        .is_ok_and(|about| about.state.messages == 0)
}
