//! Table `discoveries`.

use mistersmith_common::messages::{Discovery, Envelope};
use tokio_postgres::{Error, Transaction};

use super::text::{clean, integer};

const DISCOVERY: &str = "
    INSERT INTO discoveries
        (message_id, sequence, at, agent_id, role, type, content, confidence, task_id, tags, related_to, trace_id)
    VALUES ($1, $2, $3::text::timestamptz, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING";

/// Writes a discovery.
pub async fn discovery(
    transaction: &Transaction<'_>,
    message: &Envelope<Discovery>,
    sequence: i64,
    trace_id: Option<&str>,
) -> Result<(), Error> {
    let payload = &message.payload;
    let (agent, role) = (
        payload.agent_id.as_str(),
        payload.role.as_ref().map(|role| role.as_str()),
    );
    let content = clean(&payload.content);
    let tags: Vec<_> = payload.tags.iter().flatten().map(|tag| clean(tag)).collect();
    let related: Vec<i64> = payload
        .related_to
        .iter()
        .flatten()
        .copied()
        .map(integer)
        .collect();
    transaction
        .execute(
            DISCOVERY,
            &[
                &message.message_id,
                &sequence,
                &message.timestamp.as_str(),
                &agent,
                &role,
                &payload.kind.as_str(),
                &content,
                &payload.confidence,
                &payload.task_id,
                &tags,
                &related,
                &trace_id,
            ],
        )
        .await?;
    Ok(())
}
