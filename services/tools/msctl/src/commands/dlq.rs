//! `msctl dlq`.

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mistersmith_common::fault::{Code, Fault};
use mistersmith_common::messages::{DeadLetter, Envelope};
use serde_json::json;

use crate::connection::Connection;
use crate::error::{NOT_THERE, no_answer};
use crate::screen::{Screen, brief};
use crate::stream_reader::{Stored, all};

/// The stream of dead letters.
const STREAM: &str = "DLQ";
/// Width of a reason in the table.
const REASON: usize = 80;
/// Headers that decided about the first delivery and would decide wrongly about the next one.
const SERVER_HEADERS: &str = "Nats-";

/// Every dead letter, the oldest first.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn letters(connection: &Connection) -> Result<Vec<Stored<DeadLetter>>, Fault> {
    all::<DeadLetter>(connection, STREAM, "dlq.>").await
}

/// Shows the dead letters.
///
/// # Errors
/// NATS does not answer.
pub(crate) async fn list(connection: &Connection, screen: Screen) -> Result<(), Fault> {
    let letters = letters(connection).await?;
    let mut items = Vec::new();
    let mut rows = Vec::new();
    for Stored { sequence, envelope } in &letters {
        let letter = &envelope.payload;
        let mut item = json!(letter);
        item["dlq_sequence"] = json!(sequence);
        item["timestamp"] = json!(envelope.timestamp);
        items.push(item);
        rows.push(vec![
            sequence.to_string(),
            envelope.timestamp.to_string(),
            letter.subject.clone(),
            letter.attempts.to_string(),
            letter.reason.code.clone(),
            brief(&letter.reason.message, REASON),
        ]);
    }
    screen.list(
        &items,
        &["#", "TIME", "SUBJECT", "ATTEMPTS", "CODE", "REASON"],
        &rows,
    );
    Ok(())
}

/// Sends dead letters again and removes them from the list.
///
/// # Errors
/// There is no such letter, or NATS does not answer; those before it were sent.
pub(crate) async fn replay(
    connection: &Connection,
    screen: Screen,
    sequences: &[u64],
    every: bool,
) -> Result<(), Fault> {
    let letters = letters(connection).await?;
    let wanted: Vec<u64> = if every {
        letters.iter().map(|letter| letter.sequence).collect()
    } else {
        sequences.to_vec()
    };
    for sequence in wanted {
        let letter = letters
            .iter()
            .find(|letter| letter.sequence == sequence)
            .ok_or_else(|| Fault::new(NOT_THERE, format!("there is no dead letter {sequence}")))?;
        send(connection, sequence, &letter.envelope).await?;
        let subject = &letter.envelope.payload.subject;
        let item = json!({ "dlq_sequence": sequence, "subject": subject });
        screen.one(&item, &format!("{sequence} sent to {subject}"));
    }
    Ok(())
}

async fn send(connection: &Connection, sequence: u64, envelope: &Envelope<DeadLetter>) -> Result<(), Fault> {
    let letter = &envelope.payload;
    let data = STANDARD.decode(&letter.data_base64).map_err(|error| {
        let reason = format!("dead letter {sequence}: {error}");
        Fault::new(Code::NATS_INVALID_MESSAGE, reason)
    })?;
    let fail = |error: &dyn std::fmt::Display| no_answer(&letter.subject, error);
    let headers = headers(letter, envelope);
    let sent = connection
        .jetstream
        .publish_with_headers(letter.subject.clone(), headers, data.into());
    sent.await
        .map_err(|error| fail(&error))?
        .await
        .map_err(|error| fail(&error))?;
    let stream = connection
        .jetstream
        .get_stream_no_info(STREAM)
        .await
        .map_err(|error| fail(&error))?;
    let removed = stream.delete_message(sequence).await;
    removed.map(drop).map_err(|error| fail(&error))
}

/// The letter's own identity makes a replay that is done twice arrive once.
fn headers(letter: &DeadLetter, envelope: &Envelope<DeadLetter>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in letter.headers.iter().flatten() {
        if !name.starts_with(SERVER_HEADERS) {
            for value in values {
                headers.append(name.as_str(), value.as_str());
            }
        }
    }
    let identity = format!("replay-{}", envelope.message_id);
    headers.insert(NATS_MESSAGE_ID, identity.as_str());
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_has_an_identity_of_its_own_and_the_old_trace() {
        let example = include_bytes!("../../../../contracts/examples/dead-letter.valid.json");
        let mut envelope = Envelope::<DeadLetter>::decode(example).unwrap();
        let given = envelope.payload.headers.get_or_insert_default();
        given.insert("traceparent".to_owned(), vec!["00-a".to_owned()]);
        let headers = headers(&envelope.payload, &envelope);
        assert_eq!(headers.get("traceparent").unwrap().as_str(), "00-a");
        let identity = headers.get(NATS_MESSAGE_ID).unwrap().as_str();
        assert_eq!(identity, format!("replay-{}", envelope.message_id));
    }
}
