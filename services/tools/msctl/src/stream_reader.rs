//! Reads streams: what is there, and what comes.

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use futures_util::StreamExt;
use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{Envelope, Payload};

use crate::connection::Connection;
use crate::error::no_answer;

/// A message with its place in the stream.
pub(crate) struct Stored<P> {
    pub(crate) sequence: u64,
    pub(crate) envelope: Envelope<P>,
}

/// Follows subjects of a stream without end.
///
/// # Errors
/// The stream is not there or the server does not answer.
pub(crate) async fn follow(
    connection: &Connection,
    stream: &str,
    subjects: Vec<String>,
    from: DeliverPolicy,
) -> Result<Ordered, Fault> {
    let fail = |error: &dyn std::fmt::Display| no_answer(&format!("stream {stream}"), error);
    let stream = connection
        .jetstream
        .get_stream_no_info(stream)
        .await
        .map_err(|error| fail(&error))?;
    let config = OrderedConfig {
        filter_subjects: subjects,
        deliver_policy: from,
        ..OrderedConfig::default()
    };
    let consumer = stream
        .create_consumer(config)
        .await
        .map_err(|error| fail(&error))?;
    consumer.messages().await.map_err(|error| fail(&error))
}

/// Every message of a subject that is there now; messages that are not valid are passed over.
///
/// # Errors
/// The stream is not there or the server does not answer.
pub(crate) async fn all<P: Payload>(
    connection: &Connection,
    stream: &str,
    subject: &str,
) -> Result<Vec<Stored<P>>, Fault> {
    let fail = |error: &dyn std::fmt::Display| no_answer(&format!("stream {stream}"), error);
    let about = connection
        .jetstream
        .get_stream(stream)
        .await
        .map_err(|error| fail(&error))?;
    let last = about.cached_info().state.last_sequence;
    let waiting = about
        .info_with_subjects(subject)
        .await
        .map_err(|error| fail(&error))?;
    if waiting.count().await == 0 {
        return Ok(Vec::new());
    }
    let mut messages = follow(connection, stream, vec![subject.to_owned()], DeliverPolicy::All).await?;
    let mut found = Vec::new();
    while let Some(message) = messages.next().await {
        let message = message.map_err(|error| fail(&error))?;
        let (sequence, pending) = place(&message)?;
        if let Ok(envelope) = Envelope::<P>::decode(&message.payload) {
            found.push(Stored { sequence, envelope });
        }
        // What came after the question does not belong to the answer.
        if pending == 0 || sequence >= last {
            break;
        }
    }
    Ok(found)
}

/// The sequence of a message and how many wait behind it.
///
/// # Errors
/// It is not one of a stream.
pub(crate) fn place(message: &Message) -> Result<(u64, u64), Fault> {
    let info = message.info().map_err(|error| no_answer("NATS", &error))?;
    Ok((info.stream_sequence, info.pending))
}
