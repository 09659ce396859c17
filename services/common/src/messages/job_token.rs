//! Subject `jobs.<job_id>.token`, a request.

use serde::{Deserialize, Serialize};

use super::{Name, Payload, bounds};

/// A worker asks the agent of a job for a token that outlives the job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobTokenRequest {
    /// Job.
    pub job_id: String,
    /// Worker that is about to run the job.
    pub worker_id: Name,
}

impl Payload for JobTokenRequest {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)
    }
}

/// The answer of the agent that has the task in hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobTokenReply {
    /// Job.
    pub job_id: String,
    /// JWT for the gateway; its life begins now.
    pub mcp_token: String,
}

impl Payload for JobTokenReply {
    fn check(&self) -> Result<(), String> {
        bounds::job_id(&self.job_id)?;
        bounds::text("mcp_token", &self.mcp_token, usize::MAX)
    }
}
