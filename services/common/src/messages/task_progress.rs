//! Subject `tasks.<task_id>.progress`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, Task, bounds, present};

/// A step in the life of a task. `queued` carries the task itself, so that the recorder needs
/// no access to the work queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskProgress {
    /// Task.
    pub task_id: Uuid,
    /// Where the task is.
    pub state: TaskState,
    /// Agent that holds it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent_id: Option<Name>,
    /// Job that runs for it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub job_id: Option<String>,
    /// Worker that runs the job.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub worker_id: Option<Name>,
    /// Delivery of the task, from 1.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub attempt: Option<u64>,
    /// The task, with `queued`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub task: Option<Task>,
}

impl Payload for TaskProgress {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.job_id.as_deref(), bounds::job_id)?;
        bounds::optional(self.attempt, |value| bounds::from_one("attempt", value))?;
        bounds::optional(self.task.as_ref(), Payload::check)
    }
}

/// Where the task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Queued.
    Queued,
    /// Assigned.
    Assigned,
    /// Running.
    Running,
    /// Retrying.
    Retrying,
}
