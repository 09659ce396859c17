//! What every message has in common.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Timestamp, present};

/// A payload of one kind of message.
pub trait Payload: Serialize + DeserializeOwned {
    /// Whether the values keep the bounds that their types do not express.
    ///
    /// # Errors
    /// The first field that does not, in a sentence.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A message as it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope<P> {
    /// Identity of the message, UUID version 7.
    pub message_id: Uuid,
    /// When it was made.
    pub timestamp: Timestamp,
    /// Agent that sends.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub source_agent: Option<Name>,
    /// Agent it is for.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub target_agent: Option<Name>,
    /// Message or task it belongs to.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub correlation_id: Option<Uuid>,
    /// What is said.
    pub payload: P,
}

/// Why a message was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMessage(String);

impl<P: Payload> Envelope<P> {
    /// A new message.
    pub fn new(payload: P) -> Self {
        Self {
            message_id: Uuid::now_v7(),
            timestamp: Timestamp::now(),
            source_agent: None,
            target_agent: None,
            correlation_id: None,
            payload,
        }
    }

    /// Names the agent that sends.
    #[must_use]
    pub fn from_agent(mut self, agent: &Name) -> Self {
        self.source_agent = Some(agent.clone());
        self
    }

    /// Names the message or task it belongs to.
    #[must_use]
    pub const fn about(mut self, id: Uuid) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Reads a message.
    ///
    /// # Errors
    /// Not JSON, not of this kind, or a value out of bounds; the text never repeats the message.
    pub fn decode(data: &[u8]) -> Result<Self, InvalidMessage> {
        let message: Self = serde_json::from_slice(data).map_err(|error| InvalidMessage(describe(&error)))?;
        message.payload.check().map_err(InvalidMessage)?;
        Ok(message)
    }

    /// Writes a message.
    ///
    /// # Panics
    /// Never: a payload is made of texts, numbers and lists, which JSON can always express.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        #[expect(
            clippy::expect_used,
            reason = "see above; a map with keys that are not texts would be the only way"
        )]
        serde_json::to_vec(self).expect("a message is JSON").into()
    }
}

/// serde repeats an unexpected value in its message, which may be a secret or a megabyte.
fn describe(error: &serde_json::Error) -> String {
    const SHOWN: usize = 200;
    let text = error.to_string();
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
