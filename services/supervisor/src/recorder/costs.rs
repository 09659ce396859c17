//! Table `cost_ledger`.

use mistersmith_common::messages::{Cost, Envelope};
use tokio_postgres::{Error, Transaction};

use super::text::{clean, clean_option, integer_option};

const COST: &str = "
    INSERT INTO cost_ledger
        (message_id, at, worker_id, job_id, task_id, agent_id, outcome, cost_usd, final, model, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, turns, duration_ms, attempt)
    VALUES ($1, $2::text::timestamptz, $3, $4, $5, $6, $7, $8::float8::numeric, $9, $10, $11, $12, $13, $14,
         $15, $16, $17)
    ON CONFLICT DO NOTHING";

/// Writes what an attempt at a job cost.
pub async fn cost(transaction: &Transaction<'_>, message: &Envelope<Cost>) -> Result<(), Error> {
    let payload = &message.payload;
    let (at, job, model) = (
        message.timestamp.as_str(),
        clean(&payload.job_id),
        clean_option(payload.model.as_deref()),
    );
    let (worker, agent) = (payload.worker_id.as_str(), payload.agent_id.as_str());
    let numbers = [
        payload.input_tokens,
        payload.output_tokens,
        payload.cache_read_tokens,
        payload.cache_write_tokens,
        payload.turns,
        payload.duration_ms,
        payload.attempt,
    ]
    .map(integer_option);
    transaction
        .execute(
            COST,
            &[
                &message.message_id,
                &at,
                &worker,
                &job,
                &payload.task_id,
                &agent,
                &payload.outcome.as_str(),
                &payload.cost_usd,
                &payload.is_final,
                &model,
                &numbers[0],
                &numbers[1],
                &numbers[2],
                &numbers[3],
                &numbers[4],
                &numbers[5],
                &numbers[6],
            ],
        )
        .await?;
    Ok(())
}
