//! Subject `discoveries.<agent_id>.<type>`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Name, Payload, bounds, present};

/// Longest content, characters.
const CONTENT: usize = 65_536;
/// Most tags and most relations.
const LIST: usize = 16;
/// Longest tag, characters.
const TAG: usize = 64;

/// Something an agent found out and shares with the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// Agent that found it, from the token.
    pub agent_id: Name,
    /// Role of that agent.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub role: Option<Name>,
    /// Kind of discovery.
    #[serde(rename = "type")]
    pub kind: DiscoveryType,
    /// The discovery, UTF-8.
    pub content: String,
    /// How sure the agent is, 0 to 1.
    pub confidence: f64,
    /// Task in which it was found.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_id: Option<Uuid>,
    /// Tags.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub tags: Option<Vec<String>>,
    /// Sequences of earlier discoveries.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub related_to: Option<Vec<u64>>,
}

impl Payload for Discovery {
    fn check(&self) -> Result<(), String> {
        bounds::text("content", &self.content, CONTENT)?;
        if !(0.0..=1.0).contains(&self.confidence) {
            return Err("confidence is not between 0 and 1".to_owned());
        }
        bounds::optional(self.tags.as_ref(), |tags| {
            bounds::count("tags", tags.len(), LIST)?;
            tags.iter().try_for_each(|tag| bounds::text("tags", tag, TAG))
        })?;
        bounds::optional(self.related_to.as_ref(), |sequences| {
            bounds::count("related_to", sequences.len(), LIST)?;
            sequences
                .iter()
                .try_for_each(|sequence| bounds::from_one("related_to", *sequence))
        })
    }
}

/// Kind of discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryType {
    /// Pattern.
    Pattern,
    /// Anomaly.
    Anomaly,
    /// Connection.
    Connection,
    /// Solution.
    Solution,
    /// Question.
    Question,
    /// Insight.
    Insight,
}

impl DiscoveryType {
    /// The type as it is written in messages and subjects.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Anomaly => "anomaly",
            Self::Connection => "connection",
            Self::Solution => "solution",
            Self::Question => "question",
            Self::Insight => "insight",
        }
    }
}
