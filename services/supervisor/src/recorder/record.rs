//! One message that is to be written, read before any SQL is run.

use async_nats::jetstream::Message;
use mistersmith_common::messages::{
    AgentEvent, AgentStatus, Cost, Discovery, Envelope, TaskProgress, TaskResult,
};
use mistersmith_common::trace::{TRACEPARENT, Trace};

/// What a message says.
pub enum Content {
    /// A step of a task.
    Progress(Envelope<TaskProgress>),
    /// The end of a task.
    Result(Envelope<TaskResult>),
    /// Something happened to an agent.
    Event(Envelope<AgentEvent>),
    /// An agent is in another state.
    Status(Envelope<AgentStatus>),
    /// A job cost something.
    Cost(Envelope<Cost>),
    /// Something was found out.
    Discovery(Envelope<Discovery>),
}

/// A message and where it stood.
pub struct Record {
    /// What it says.
    pub content: Content,
    /// Sequence in its stream.
    pub sequence: i64,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

impl Record {
    /// Reads a message of one of the recorder's consumers.
    ///
    /// # Errors
    /// The message is not valid, in a sentence.
    pub fn read(message: &Message) -> Result<Self, String> {
        let info = message.info().map_err(|error| error.to_string())?;
        let sequence = i64::try_from(info.stream_sequence).map_err(|error| error.to_string())?;
        let content = content(&message.subject, &message.payload)?;
        let header = message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(TRACEPARENT));
        let trace = header.and_then(|value| value.as_str().parse::<Trace>().ok());
        Ok(Self {
            content,
            sequence,
            trace_id: trace.map(|trace| trace.id()),
        })
    }
}

fn content(subject: &str, data: &[u8]) -> Result<Content, String> {
    let parts: Vec<&str> = subject.split('.').collect();
    let content = match parts.as_slice() {
        ["tasks", _, "progress"] => Envelope::decode(data).map(Content::Progress),
        ["tasks", _, "result"] => Envelope::decode(data).map(Content::Result),
        ["agent", _, "events"] => Envelope::decode(data).map(Content::Event),
        ["agent", _, "status"] => Envelope::decode(data).map(Content::Status),
        ["cost", _] => Envelope::decode(data).map(Content::Cost),
        ["discoveries", _, _] => Envelope::decode(data).map(Content::Discovery),
        _ => return Err(format!("{subject} is nothing that is recorded")),
    };
    content.map_err(|error| error.to_string())
}
