//! Tables `agents` and `agent_restarts`.

use mistersmith_common::messages::{AgentEvent, AgentEventKind, AgentStatus, Envelope};
use tokio_postgres::{Error, Transaction};

use super::text::{clean_option, integer_option, label};

const STATUS: &str = "
    INSERT INTO agents AS a (agent_id, role, state, task_id, updated_at, status_sequence)
    VALUES ($1, $2, $3, $4, $5::text::timestamptz, $6)
    ON CONFLICT (agent_id) DO UPDATE SET
        role = excluded.role, state = excluded.state, task_id = excluded.task_id,
        updated_at = excluded.updated_at, status_sequence = excluded.status_sequence
    WHERE excluded.status_sequence > a.status_sequence";

const EVENT: &str = "
    INSERT INTO agents AS a (agent_id, role, slot, pid, restarts, last_event, updated_at, event_sequence)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::timestamptz, $8)
    ON CONFLICT (agent_id) DO UPDATE SET
        role = coalesce(a.role, excluded.role), slot = excluded.slot, pid = excluded.pid,
        restarts = excluded.restarts, last_event = excluded.last_event,
        updated_at = greatest(a.updated_at, excluded.updated_at), event_sequence = excluded.event_sequence
    WHERE excluded.event_sequence > a.event_sequence";

const RESTART: &str = "
    INSERT INTO agent_restarts
        (message_id, agent_id, at, event, role, slot, pid, exit_code, signal, restarts, delay_ms, reason)
    VALUES ($1, $2, $3::text::timestamptz, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING";

/// Writes the state of an agent.
pub async fn status(
    transaction: &Transaction<'_>,
    message: &Envelope<AgentStatus>,
    sequence: i64,
) -> Result<(), Error> {
    let payload = &message.payload;
    let (agent, role) = (payload.agent_id.as_str(), payload.role.as_str());
    let (state, at) = (label(payload.state), message.timestamp.as_str());
    transaction
        .execute(STATUS, &[&agent, &role, &state, &payload.task_id, &at, &sequence])
        .await?;
    Ok(())
}

/// Writes what happened to an agent.
pub async fn event(
    transaction: &Transaction<'_>,
    message: &Envelope<AgentEvent>,
    sequence: i64,
) -> Result<(), Error> {
    let payload = &message.payload;
    let (agent, role) = (
        payload.agent_id.as_str(),
        payload.role.as_ref().map(|role| role.as_str()),
    );
    let (event, at) = (label(payload.event), message.timestamp.as_str());
    let slot = payload.slot.and_then(|slot| i32::try_from(slot).ok());
    let (pid, restarts) = (payload.pid.map(i64::from), payload.restarts.map(i64::from));
    transaction
        .execute(
            EVENT,
            &[&agent, &role, &slot, &pid, &restarts, &event, &at, &sequence],
        )
        .await?;
    if !belongs_to_restart(payload.event) {
        return Ok(());
    }
    let (code, signal) = (payload.exit_code.map(i32::from), payload.signal.map(i32::from));
    let (delay, reason) = (
        integer_option(payload.delay_ms),
        clean_option(payload.reason.as_deref()),
    );
    transaction
        .execute(
            RESTART,
            &[
                &message.message_id,
                &agent,
                &at,
                &event,
                &role,
                &slot,
                &pid,
                &code,
                &signal,
                &restarts,
                &delay,
                &reason,
            ],
        )
        .await?;
    Ok(())
}

const fn belongs_to_restart(event: AgentEventKind) -> bool {
    matches!(
        event,
        AgentEventKind::Exited
            | AgentEventKind::RestartScheduled
            | AgentEventKind::Quarantined
            | AgentEventKind::Released
    )
}
