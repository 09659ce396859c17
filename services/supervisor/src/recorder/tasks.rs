//! Tables `tasks` and `task_events`.

use mistersmith_common::messages::{Envelope, Task, TaskProgress, TaskResult};
use tokio_postgres::{Error, Transaction};
use uuid::Uuid;

use super::text::{clean, clean_option, integer, integer_option, label};

const EVENT: &str = "
    INSERT INTO task_events
        (message_id, task_id, sequence, at, event, agent_id, job_id, worker_id, attempt, trace_id)
    VALUES ($1, $2, $3, $4::text::timestamptz, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING";

/// A task's row may be begun by any of its messages, and an older message never overwrites a newer one.
const PROGRESS: &str = "
    INSERT INTO tasks AS t
        (task_id, state, agent_id, job_id, worker_id, attempt, trace_id, last_sequence, updated_at,
         queued_at, assigned_at, started_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::timestamptz,
         CASE WHEN $2 = 'queued' THEN $9::text::timestamptz END,
         CASE WHEN $2 IN ('assigned', 'retrying') THEN $9::text::timestamptz END,
         CASE WHEN $2 = 'running' THEN $9::text::timestamptz END)
    ON CONFLICT (task_id) DO UPDATE SET
        state = CASE WHEN t.outcome IS NULL AND excluded.last_sequence > t.last_sequence
                     THEN excluded.state ELSE t.state END,
        agent_id = CASE WHEN excluded.last_sequence > t.last_sequence
                        THEN coalesce(excluded.agent_id, t.agent_id) ELSE t.agent_id END,
        worker_id = CASE WHEN excluded.last_sequence > t.last_sequence
                         THEN coalesce(excluded.worker_id, t.worker_id) ELSE t.worker_id END,
        job_id = coalesce(t.job_id, excluded.job_id),
        attempt = greatest(t.attempt, excluded.attempt),
        trace_id = coalesce(t.trace_id, excluded.trace_id),
        queued_at = coalesce(t.queued_at, excluded.queued_at),
        assigned_at = coalesce(t.assigned_at, excluded.assigned_at),
        started_at = coalesce(t.started_at, excluded.started_at),
        updated_at = greatest(t.updated_at, excluded.updated_at),
        last_sequence = greatest(t.last_sequence, excluded.last_sequence)";

const WORDS: &str = "
    UPDATE tasks SET prompt = $2, role = $3, priority = $4, budget_usd = $5::float8::numeric, timeout_ms = $6,
        session_id = $7, submitted_by = $8
    WHERE task_id = $1";

const RESULT: &str = "
    INSERT INTO tasks AS t
        (task_id, state, outcome, agent_id, job_id, worker_id, result, error_code, error_message, cost_usd,
         duration_ms, turns, trace_id, last_sequence, updated_at, finished_at)
    VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9::float8::numeric, $10, $11, $12, $13,
         $14::text::timestamptz, $14::text::timestamptz)
    ON CONFLICT (task_id) DO UPDATE SET
        state = excluded.state, outcome = excluded.outcome, agent_id = excluded.agent_id,
        job_id = coalesce(excluded.job_id, t.job_id), worker_id = coalesce(excluded.worker_id, t.worker_id),
        result = excluded.result, error_code = excluded.error_code, error_message = excluded.error_message,
        cost_usd = excluded.cost_usd, duration_ms = excluded.duration_ms, turns = excluded.turns,
        trace_id = coalesce(t.trace_id, excluded.trace_id), finished_at = excluded.finished_at,
        updated_at = greatest(t.updated_at, excluded.updated_at),
        last_sequence = greatest(t.last_sequence, excluded.last_sequence)
    WHERE t.outcome IS NULL";

/// Where a message stood.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Sequence in the stream.
    pub sequence: i64,
    /// Trace.
    pub trace_id: Option<&'a str>,
}

/// Writes a step of a task.
pub async fn progress(
    transaction: &Transaction<'_>,
    message: &Envelope<TaskProgress>,
    place: Place<'_>,
) -> Result<(), Error> {
    let Envelope {
        message_id,
        timestamp,
        payload,
        ..
    } = message;
    let (at, state) = (timestamp.as_str(), label(payload.state));
    let agent = payload.agent_id.as_ref().map(|name| name.as_str());
    let worker = payload.worker_id.as_ref().map(|name| name.as_str());
    let job = clean_option(payload.job_id.as_deref());
    let attempt = integer_option(payload.attempt);
    let (task_id, Place { sequence, trace_id }) = (payload.task_id, place);
    let new = transaction
        .execute(
            EVENT,
            &[
                message_id, &task_id, &sequence, &at, &state, &agent, &job, &worker, &attempt, &trace_id,
            ],
        )
        .await?;
    if new == 0 {
        return Ok(());
    }
    transaction
        .execute(
            PROGRESS,
            &[
                &task_id, &state, &agent, &job, &worker, &attempt, &trace_id, &sequence, &at,
            ],
        )
        .await?;
    match &payload.task {
        Some(task) => words(transaction, task_id, task).await,
        None => Ok(()),
    }
}

async fn words(transaction: &Transaction<'_>, task_id: Uuid, task: &Task) -> Result<(), Error> {
    let (prompt, submitted_by) = (clean(&task.prompt), clean(&task.submitted_by));
    let role = task.role.as_ref().map(|name| name.as_str());
    let (priority, timeout) = (label(task.priority), integer_option(task.timeout_ms));
    transaction
        .execute(
            WORDS,
            &[
                &task_id,
                &prompt,
                &role,
                &priority,
                &task.budget_usd,
                &timeout,
                &task.session_id,
                &submitted_by,
            ],
        )
        .await?;
    Ok(())
}

/// Writes the end of a task.
pub async fn result(
    transaction: &Transaction<'_>,
    message: &Envelope<TaskResult>,
    place: Place<'_>,
) -> Result<(), Error> {
    let Envelope {
        message_id,
        timestamp,
        payload,
        ..
    } = message;
    let (at, outcome) = (timestamp.as_str(), payload.outcome.as_str());
    let agent = payload.agent_id.as_str();
    let worker = payload.worker_id.as_ref().map(|name| name.as_str());
    let job = clean_option(payload.job_id.as_deref());
    let (task_id, Place { sequence, trace_id }) = (payload.task_id, place);
    let none: Option<i64> = None;
    let new = transaction
        .execute(
            EVENT,
            &[
                message_id, &task_id, &sequence, &at, &outcome, &agent, &job, &worker, &none, &trace_id,
            ],
        )
        .await?;
    if new == 0 {
        return Ok(());
    }
    let text = clean_option(payload.result.as_deref());
    let code = payload.error.as_ref().map(|error| error.code.as_str());
    let reason = clean_option(payload.error.as_ref().map(|error| error.message.as_str()));
    let (duration, turns) = (integer(payload.duration_ms), integer_option(payload.turns));
    transaction
        .execute(
            RESULT,
            &[
                &task_id,
                &outcome,
                &agent,
                &job,
                &worker,
                &text,
                &code,
                &reason,
                &payload.cost_usd,
                &duration,
                &turns,
                &trace_id,
                &sequence,
                &at,
            ],
        )
        .await?;
    Ok(())
}
