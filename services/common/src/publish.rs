//! How messages leave: with an identity that JetStream deduplicates by, and with their trace.

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::PublishError;

use crate::messages::{Envelope, Payload};
use crate::trace::{TRACEPARENT, Trace};

/// What the stream answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Sequence in the stream.
    pub sequence: u64,
    /// Whether the stream had a message of this identity already.
    pub duplicate: bool,
}

/// The headers of a message.
#[must_use]
pub fn headers(identity: &str, trace: &Trace) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, identity);
    headers.insert(TRACEPARENT, trace.to_string().as_str());
    headers
}

/// Publishes under the message's own identity and waits until the stream has stored it.
///
/// # Errors
/// The stream did not confirm; publishing again is safe because of the identity.
pub async fn publish<P: Payload>(
    jetstream: &Context,
    subject: String,
    message: &Envelope<P>,
    trace: &Trace,
) -> Result<Stored, PublishError> {
    let identity = message.message_id.to_string();
    publish_as(jetstream, subject, &identity, message, trace).await
}

/// Publishes under an identity that a repetition makes again, such as `<task_id>-result`.
///
/// # Errors
/// The stream did not confirm; publishing again is safe because of the identity.
pub async fn publish_as<P: Payload>(
    jetstream: &Context,
    subject: String,
    identity: &str,
    message: &Envelope<P>,
    trace: &Trace,
) -> Result<Stored, PublishError> {
    let headers = headers(identity, trace);
    let confirmation = jetstream
        .publish_with_headers(subject, headers, message.encode())
        .await?;
    let confirmed = confirmation.await?;
    Ok(Stored {
        sequence: confirmed.sequence,
        duplicate: confirmed.duplicate,
    })
}
