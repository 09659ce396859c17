//! Subject `cost.<worker_id>`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Outcome, Payload, bounds, present};

/// The ledger record of one attempt at a job, also of a killed one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Worker.
    pub worker_id: Name,
    /// Job.
    pub job_id: String,
    /// Delivery of the job, from 1; records of before there was one have none.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub attempt: Option<u64>,
    /// Task.
    pub task_id: Uuid,
    /// Agent.
    pub agent_id: Name,
    /// How the job ended.
    pub outcome: Outcome,
    /// Cost as the CLI reports it, USD.
    pub cost_usd: f64,
    /// False when the CLI was ended before it reported its own total.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Model that caused most of the cost.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub model: Option<String>,
    /// Tokens read.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub input_tokens: Option<u64>,
    /// Tokens written.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub output_tokens: Option<u64>,
    /// Tokens read from the prompt cache.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_read_tokens: Option<u64>,
    /// Tokens written to the prompt cache.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_write_tokens: Option<u64>,
    /// Turns of the model.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub turns: Option<u64>,
    /// Time from pull to end, ms.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub duration_ms: Option<u64>,
}

impl Payload for Cost {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)?;
        bounds::optional(self.attempt, |value| bounds::from_one("attempt", value))?;
        bounds::amount("cost_usd", self.cost_usd)
    }
}
