//! The recorder's consumers as one stream of messages.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::{MessagesError, Stream};
use futures_util::stream::{ReadyChunks, SelectAll, StreamExt};
use mistersmith_common::nats::Nats;
use mistersmith_common::streams::Topology;

/// Consumers of the recorder begin so.
const PREFIX: &str = "recorder-";
/// Messages in one transaction at most.
const BATCH: usize = 128;
/// Messages of one consumer that wait here at most.
const WAITING: usize = 64;
/// Size of the messages of one consumer that wait here at most, bytes; several of the largest messages.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// Life of one pull request.
const EXPIRES: Duration = Duration::from_secs(15);
/// A server that is silent for two of these is gone.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Messages of all consumers, as many at once as are there.
pub type Source = ReadyChunks<SelectAll<Stream>>;
/// What a source yields.
pub type Chunk = Vec<Result<Message, MessagesError>>;

/// Opens every consumer of the recorder.
///
/// # Errors
/// NATS or a consumer is not there.
pub async fn open(nats: &Nats, topology: &Topology) -> Result<Source, async_nats::Error> {
    let mut streams = Vec::new();
    for spec in topology
        .consumers
        .iter()
        .filter(|spec| spec.name.starts_with(PREFIX))
    {
        let name = spec.name.as_str();
        let consumer: PullConsumer = nats
            .jetstream
            .get_consumer_from_stream(name, spec.stream.as_str())
            .await?;
        let stream = consumer
            .stream()
            .max_messages_per_batch(WAITING)
            .max_bytes_per_batch(WAITING_BYTES)
            .expires(EXPIRES)
            .heartbeat(HEARTBEAT);
        streams.push(stream.messages().await?);
    }
    Ok(futures_util::stream::select_all(streams).ready_chunks(BATCH))
}
