//! Every message on NATS, as `services/contracts/schemas` defines it.
//!
//! [`Envelope::decode`] is the only way in: it refuses what the schema refuses. Messages that we build ourselves are
//! valid by their types; what types cannot say is in [`Payload::check`].

mod agent_event;
mod agent_output;
mod agent_status;
mod bounds;
mod control;
mod control_reply;
mod cost;
mod dead_letter;
mod discovery;
mod envelope;
mod job;
mod job_result;
mod job_token;
mod name;
mod reason;
mod task;
mod task_progress;
mod task_result;
mod timestamp;
mod worker_presence;

pub use agent_event::{AgentEvent, AgentEventKind};
pub use agent_output::AgentOutput;
pub use agent_status::{AgentState, AgentStatus};
pub use control::{Command, Control};
pub use control_reply::{AgentView, ControlReply, HealthView, PoolView, SlotState};
pub use cost::Cost;
pub use dead_letter::DeadLetter;
pub use discovery::{Discovery, DiscoveryType};
pub use envelope::{Envelope, InvalidMessage, Payload};
pub use job::Job;
pub use job_result::{JobResult, Outcome};
pub use job_token::{JobTokenReply, JobTokenRequest};
pub use name::{InvalidName, Name};
pub use reason::Reason;
pub use task::{Priority, Task};
pub use task_progress::{TaskProgress, TaskState};
pub use task_result::TaskResult;
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use worker_presence::{WorkerPresence, WorkerState};

/// Reads a field that may be absent but not `null`, which the schemas do not allow.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
