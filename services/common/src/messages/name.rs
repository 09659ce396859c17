//! Names of agents, workers and roles. They become parts of subjects, so nothing else may get in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `[a-z0-9][a-z0-9-]{0,62}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text that is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name of 1 to 63 lowercase letters, digits and dashes that begins with a letter or digit")]
pub struct InvalidName;

/// Longest name.
const LONGEST: usize = 63;

impl Name {
    /// A name from a text.
    ///
    /// # Errors
    /// The text is not a name.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let valid =
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        if valid { Ok(Self(text)) } else { Err(InvalidName) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
