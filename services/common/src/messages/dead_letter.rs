//! Subject `dlq.<stream>`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Payload, Reason, bounds, present};

/// A message that could not be handled, with what is needed to replay it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    /// Stream it came from.
    pub stream: String,
    /// Subject it came from.
    pub subject: String,
    /// Stream sequence.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<u64>,
    /// Reason.
    pub reason: Reason,
    /// Deliveries so far.
    pub attempts: u64,
    /// Headers.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub headers: Option<BTreeMap<String, Vec<String>>>,
    /// The message as it came, base64.
    pub data_base64: String,
}

impl Payload for DeadLetter {
    fn check(&self) -> Result<(), String> {
        bounds::optional(self.sequence, |value| bounds::from_one("sequence", value))?;
        self.reason.check()?;
        bounds::from_one("attempts", self.attempts)
    }
}
