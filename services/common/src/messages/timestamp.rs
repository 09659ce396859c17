//! Moments as RFC 3339 text. The text is kept as it came, so that what is read is written.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(String);

/// A text that is not a moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 timestamp")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// This moment, UTC, in milliseconds.
    #[must_use]
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc().format(MILLISECONDS).unwrap_or_default())
    }

    /// The moment as RFC 3339 text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment for arithmetic.
    #[must_use]
    pub fn to_system_time(&self) -> SystemTime {
        OffsetDateTime::parse(&self.0, &Rfc3339).map_or(SystemTime::UNIX_EPOCH, Into::into)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        match OffsetDateTime::parse(&text, &Rfc3339) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(InvalidTimestamp),
        }
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
