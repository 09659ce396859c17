//! Where an agent's tasks come from: three consumers, the urgent ones first.
//!
//! A waiting pull request takes whatever comes, and a message that comes to a request nobody waits for any more is
//! lost until its ack wait is over. So an agent has one request at a time: it asks all three without waiting, then waits
//! at one of them for a short while. Agents start at different ones, so a pool of three idle agents waits at all three.

use std::time::Duration;

use async_nats::jetstream::{Context, Message};
use async_nats::{Client, StatusCode, Subscriber};
use futures_util::StreamExt;
use serde_json::json;

use mistersmith_common::nats::Nats;

/// Consumers in the order of urgency.
const CONSUMERS: [&str; 3] = ["agents-high", "agents-normal", "agents-low"];
/// Time at one queue, and so the longest that a task waits for an idle agent.
const WAIT: Duration = Duration::from_millis(500);
/// Time that an answer may take beyond the wait.
const MARGIN: Duration = Duration::from_secs(5);

/// The three queues.
pub struct Queue {
    client: Client,
    jetstream: Context,
    inbox: Option<(String, Subscriber)>,
    turn: usize,
}

/// A pull was not answered as it should be.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Nobody answers.
    #[error("no answer")]
    Silence,
    /// The consumer is not there.
    #[error("the consumer is not there")]
    NoConsumer,
    /// NATS says something else.
    #[error("NATS answers {0}")]
    Status(StatusCode),
    /// The request did not leave.
    #[error("{0}")]
    Send(String),
}

impl Queue {
    /// The queues, first waiting at the one of this turn.
    #[must_use]
    pub fn new(nats: &Nats, turn: usize) -> Self {
        Self {
            client: nats.client.clone(),
            jetstream: nats.jetstream.clone(),
            inbox: None,
            turn,
        }
    }

    /// The next task, or none after a short while.
    ///
    /// # Errors
    /// NATS or the consumers are not there.
    pub async fn next(&mut self) -> Result<Option<Message>, QueueError> {
        for consumer in CONSUMERS {
            if let Some(message) = self.pull(consumer, None).await? {
                return Ok(Some(message));
            }
        }
        self.turn = (self.turn + 1) % CONSUMERS.len();
        self.pull(CONSUMERS[self.turn], Some(WAIT)).await
    }

    /// Whether every consumer answers; nothing is taken.
    ///
    /// # Errors
    /// NATS or a consumer is not there.
    pub async fn check(&mut self) -> Result<(), QueueError> {
        for consumer in CONSUMERS {
            // The server refuses a request with a body.
            let subject = format!("$JS.API.CONSUMER.INFO.TASKS.{consumer}");
            let reply = self
                .client
                .request(subject, Default::default())
                .await
                .map_err(|error| QueueError::Send(error.to_string()))?;
            let answer: serde_json::Value = serde_json::from_slice(&reply.payload)
                .map_err(|error| QueueError::Send(error.to_string()))?;
            if answer.get("error").is_some() {
                return Err(QueueError::NoConsumer);
            }
        }
        Ok(())
    }

    async fn pull(&mut self, consumer: &str, wait: Option<Duration>) -> Result<Option<Message>, QueueError> {
        let (inbox, mut answers) = match self.inbox.take() {
            Some(inbox) => inbox,
            None => self.open().await?,
        };
        let request = match wait {
            Some(wait) => json!({ "batch": 1, "expires": wait.as_nanos() as u64 }),
            None => json!({ "batch": 1, "no_wait": true }),
        };
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.TASKS.{consumer}");
        let sent = self
            .client
            .publish_with_reply(subject, inbox.clone(), request.to_string().into())
            .await;
        sent.map_err(|error| QueueError::Send(error.to_string()))?;
        // After an error the inbox is dropped: a late answer must not be taken for that of the next request.
        let limit = wait.unwrap_or_default() + MARGIN;
        let answer = tokio::time::timeout(limit, answers.next()).await.ok().flatten();
        let message = match answer {
            None => return Err(QueueError::Silence),
            Some(message) => message,
        };
        let taken = match message.status {
            None => Some(Message {
                message,
                context: self.jetstream.clone(),
            }),
            Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => None,
            Some(StatusCode::NO_RESPONDERS) => return Err(QueueError::NoConsumer),
            Some(other) => return Err(QueueError::Status(other)),
        };
        self.inbox = Some((inbox, answers));
        Ok(taken)
    }

    async fn open(&self) -> Result<(String, Subscriber), QueueError> {
        let inbox = self.client.new_inbox();
        let subscriber = self.client.subscribe(inbox.clone()).await;
        Ok((
            inbox,
            subscriber.map_err(|error| QueueError::Send(error.to_string()))?,
        ))
    }
}
