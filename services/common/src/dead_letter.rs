//! Messages that cannot be handled are set aside with their reason and all that is needed to replay them.

use std::collections::BTreeMap;

use async_nats::HeaderMap;
use async_nats::jetstream::{AckKind, Context, Message};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fault::Fault;
use crate::messages::{DeadLetter, Envelope};
use crate::publish::publish_as;
use crate::trace::Trace;

/// A message that is set aside, wherever it was read.
#[derive(Clone, Copy, Debug)]
pub struct Buried<'a> {
    /// Stream it was in.
    pub stream: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// Its sequence in the stream.
    pub sequence: u64,
    /// Deliveries so far.
    pub attempts: u64,
    /// Its headers.
    pub headers: Option<&'a HeaderMap>,
    /// Its data.
    pub data: &'a [u8],
}

/// Copies a message to `dlq.<STREAM>`; doing so again changes nothing.
///
/// # Errors
/// The copy was not confirmed; the message must not be given up then.
pub async fn copy(jetstream: &Context, buried: Buried<'_>, reason: &Fault) -> Result<(), String> {
    let trace = Trace::of(buried.headers);
    let letter = DeadLetter {
        stream: buried.stream.to_owned(),
        subject: buried.subject.to_owned(),
        sequence: Some(buried.sequence),
        reason: reason.into(),
        attempts: buried.attempts.max(1),
        headers: buried.headers.map(copy_headers),
        data_base64: STANDARD.encode(buried.data),
    };
    let identity = format!("dlq-{}-{}", buried.stream, buried.sequence);
    let subject = format!("dlq.{}", buried.stream);
    let message = Envelope::new(letter);
    publish_as(jetstream, subject, &identity, &message, &trace)
        .await
        .map_err(|error| error.to_string())?;
    tracing::warn!(
        code = reason.code.as_str(),
        stream = buried.stream,
        sequence = buried.sequence,
        trace_id = trace.id(),
        "set aside: {reason}"
    );
    Ok(())
}

/// Copies a message of a consumer to its dead letters, then ends its delivery. Without a confirmed copy the message is
/// left to be delivered again.
///
/// # Errors
/// The copy was not confirmed, or the message is not one of a stream.
pub async fn bury(jetstream: &Context, message: &Message, reason: &Fault) -> Result<(), String> {
    let info = message.info().map_err(|error| error.to_string())?;
    let buried = Buried {
        stream: info.stream,
        subject: &message.subject,
        sequence: info.stream_sequence,
        attempts: u64::try_from(info.delivered).unwrap_or(1),
        headers: message.headers.as_ref(),
        data: &message.payload,
    };
    copy(jetstream, buried, reason).await?;
    message
        .ack_with(AckKind::Term)
        .await
        .map_err(|error| error.to_string())
}

fn copy_headers(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    headers
        .iter()
        .map(|(name, values)| (name.to_string(), values.iter().map(ToString::to_string).collect()))
        .collect()
}
