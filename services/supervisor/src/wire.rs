//! What the supervisor and an agent process say to one another: JSON lines over the socket that is the agent's stdin.
//!
//! Secrets travel here and not in the environment, which every process of the container's user could read.

use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use mistersmith_common::messages::{AgentState, Name, Outcome};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use uuid::Uuid;

use crate::config::JobDefaults;

/// A side that does not read for this long is as good as gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// An agent says something at least this often.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// An agent that says nothing for this long hangs.
pub const SILENCE: Duration = Duration::from_secs(30);

/// From the supervisor to an agent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToAgent {
    /// Who it is and where the work is; the first message.
    Start(Box<Assignment>),
    /// The token that was asked for.
    Token {
        /// Job it is for.
        job_id: String,
        /// JWT.
        token: String,
    },
    /// Take no more tasks.
    Pause,
    /// Take tasks again.
    Resume,
    /// A text for the prompt of the next task.
    Input {
        /// The text.
        text: String,
    },
    /// Finish what you have and end.
    Drain,
    /// Hand back what you have and end.
    Hurry,
}

/// Everything an agent knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assignment {
    /// Its name.
    pub agent_id: Name,
    /// Its role.
    pub role: Name,
    /// Address of NATS.
    pub nats_url: String,
    /// Identity on NATS.
    pub nats_seed: Option<String>,
    /// What a job gets when its task names nothing.
    pub job: JobDefaults,
}

/// From an agent to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromAgent {
    /// What it does now.
    State {
        /// State.
        state: AgentState,
        /// Task in hand.
        task_id: Option<Uuid>,
    },
    /// It holds a delivery; should it die, the supervisor hands the delivery back under this subject.
    Holding {
        /// Subject of the acknowledgement.
        ack: String,
    },
    /// It holds nothing any more.
    Released,
    /// It needs a token.
    TokenRequest {
        /// Task.
        task_id: Uuid,
        /// Job.
        job_id: String,
        /// Role that it takes on for the task.
        role: Name,
        /// Longest that the job may run, ms.
        timeout_ms: u64,
    },
    /// A task ended.
    Finished {
        /// How.
        outcome: Outcome,
    },
    /// A task was not valid and was set aside.
    Malformed,
    /// Nothing new.
    Alive,
}

/// Reads messages of one kind.
#[derive(Debug)]
pub struct Reader<T> {
    stream: BufReader<OwnedReadHalf>,
    line: Vec<u8>,
    kind: PhantomData<T>,
}

/// Writes messages of one kind.
#[derive(Debug)]
pub struct Writer<T> {
    stream: OwnedWriteHalf,
    kind: PhantomData<T>,
}

/// The two directions of a socket.
pub fn split<R, W>(stream: UnixStream) -> (Reader<R>, Writer<W>) {
    let (read, write) = stream.into_split();
    let reader = Reader {
        stream: BufReader::new(read),
        line: Vec::new(),
        kind: PhantomData,
    };
    (
        reader,
        Writer {
            stream: write,
            kind: PhantomData,
        },
    )
}

impl<T: DeserializeOwned> Reader<T> {
    /// The next message; none when the other side is gone. Safe to cancel: half a line is kept.
    ///
    /// # Errors
    /// The socket fails or the other side does not speak this language.
    pub async fn next(&mut self) -> io::Result<Option<T>> {
        self.stream.read_until(b'\n', &mut self.line).await?;
        if self.line.is_empty() {
            return Ok(None);
        }
        let message = serde_json::from_slice(&self.line)?;
        self.line.clear();
        Ok(Some(message))
    }
}

impl<T: Serialize> Writer<T> {
    /// Sends a message.
    ///
    /// # Errors
    /// The other side is gone or does not read.
    pub async fn send(&mut self, message: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        tokio::time::timeout(WRITE_TIMEOUT, self.stream.write_all(&line)).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_a_line_survives_a_cancelled_read() {
        let (left, right) = UnixStream::pair().unwrap();
        let (mut reader, _writer): (Reader<FromAgent>, Writer<ToAgent>) = split(left);
        let (_, mut raw) = right.into_split();
        raw.write_all(b"\"ali").await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(20), reader.next()).await;
        assert!(early.is_err());
        raw.write_all(b"ve\"\n").await.unwrap();
        assert!(matches!(reader.next().await, Ok(Some(FromAgent::Alive))));
        drop(raw);
        assert!(matches!(reader.next().await, Ok(None)));
    }
}
