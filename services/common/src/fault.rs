//! Errors that a person can meet: a code, what was wrong, and what to do next.
//!
//! The catalogue is `services/contracts/errors.yaml`; a code that is used here and missing there fails a test.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use crate::yaml;

/// A code of the catalogue, such as `MS-NATS-001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    /// A variable has a value that is not allowed.
    pub const CONFIG_VALUE: Self = Self("MS-CONF-001");
    /// A required variable is missing.
    pub const CONFIG_MISSING: Self = Self("MS-CONF-002");
    /// A file named by a `*_FILE` variable cannot be read.
    pub const CONFIG_FILE: Self = Self("MS-CONF-003");
    /// NATS cannot be reached.
    pub const NATS_UNREACHABLE: Self = Self("MS-NATS-001");
    /// A message is not valid.
    pub const NATS_INVALID_MESSAGE: Self = Self("MS-NATS-002");
    /// NATS refused the identity or a subject.
    pub const NATS_REFUSED: Self = Self("MS-NATS-003");
    /// `JetStream` has no room for a stream.
    pub const NATS_NO_ROOM: Self = Self("MS-NATS-004");

    /// The codes above.
    pub const SHARED: [Self; 7] = [
        Self::CONFIG_VALUE,
        Self::CONFIG_MISSING,
        Self::CONFIG_FILE,
        Self::NATS_UNREACHABLE,
        Self::NATS_INVALID_MESSAGE,
        Self::NATS_REFUSED,
        Self::NATS_NO_ROOM,
    ];

    /// A code of a service; a test of that service compares it with the catalogue.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The code as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the catalogue lists it.
    #[must_use]
    pub fn is_listed(self) -> bool {
        catalogue().contains_key(self.0)
    }

    /// What the catalogue says to do next; empty for a code that it does not list.
    #[must_use]
    pub fn next(self) -> &'static str {
        catalogue().get(self.0).map_or("", |entry| entry.next.as_str())
    }

    /// The catalogue's sentence; empty for a code that it does not list.
    #[must_use]
    pub fn text(self) -> &'static str {
        catalogue().get(self.0).map_or("", |entry| entry.text.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

/// Something that went wrong: `MS-<AREA>-<NNN> what, where. Next: what to do.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which error of the catalogue.
    pub code: Code,
    /// What was wrong and where, without the closing full stop.
    pub detail: String,
}

impl Fault {
    /// A fault with its detail.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}. Next: {}.", self.code, self.detail, self.code.next())
    }
}

impl std::error::Error for Fault {}

struct Entry {
    text: String,
    next: String,
}

fn catalogue() -> &'static BTreeMap<String, Entry> {
    static CATALOGUE: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    CATALOGUE.get_or_init(|| read_catalogue(include_str!("../../contracts/errors.yaml")).unwrap_or_default())
}

fn read_catalogue(text: &str) -> Result<BTreeMap<String, Entry>, String> {
    let document = yaml::document(text)?;
    yaml::items(&document, "errors")
        .iter()
        .map(|node| {
            let entry = Entry {
                text: yaml::required(node, "text")?,
                next: yaml::required(node, "next")?,
            };
            Ok((yaml::required(node, "code")?, entry))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shared_code_is_in_the_catalogue() {
        for code in Code::SHARED {
            assert!(code.is_listed(), "{code} is missing in errors.yaml");
        }
    }

    #[test]
    fn says_code_detail_and_next_step() {
        let fault = Fault::new(Code::CONFIG_MISSING, "NATS_URL is not set");
        assert_eq!(
            fault.to_string(),
            "MS-CONF-002 NATS_URL is not set. Next: set it, or NAME_FILE for a secret."
        );
    }

    #[test]
    fn an_unlisted_code_is_noticed() {
        assert!(!Code::new("MS-NONE-999").is_listed());
    }
}
