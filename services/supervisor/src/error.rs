//! Codes of the supervisor, and what ends it.

use mistersmith_common::config::{ConfigError, EXIT_CONFIG};
use mistersmith_common::fault::{Code, Fault};

/// The pool is full.
pub const POOL_FULL: Code = Code::new("MS-SUP-001");
/// No such agent.
pub const NO_SUCH_AGENT: Code = Code::new("MS-SUP-002");
/// A slot used up its restart budget.
pub const QUARANTINED: Code = Code::new("MS-SUP-003");
/// Postgres cannot be reached.
pub const POSTGRES_UNREACHABLE: Code = Code::new("MS-SUP-004");
/// An unknown control command.
pub const UNKNOWN_COMMAND: Code = Code::new("MS-SUP-005");
/// A task was given up after its last delivery.
pub const GIVEN_UP: Code = Code::new("MS-SUP-006");
/// The process could not get what it needs from the operating system.
pub const CANNOT_START: Code = Code::new("MS-SUP-007");
/// A job got no result in time.
pub const NO_RESULT: Code = Code::new("MS-SUP-008");
/// A record cannot be written to Postgres.
pub const RECORD_REFUSED: Code = Code::new("MS-SUP-009");
/// Postgres was to encrypt the connection and does not.
pub const TLS_REFUSED: Code = Code::new("MS-SUP-010");
/// The certificate of Postgres is not trusted.
pub const CERTIFICATE_NOT_TRUSTED: Code = Code::new("MS-SUP-011");

/// What ends the process before it could run.
#[derive(Debug, thiserror::Error)]
pub enum Fatal {
    /// The settings are wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The operating system refused something, such as the port.
    #[error("{0}")]
    System(#[from] Fault),
}

impl Fatal {
    /// The operating system refused something.
    pub fn system(what: &str, error: &dyn std::fmt::Display) -> Self {
        Self::System(Fault::new(CANNOT_START, format!("{what}: {error}")))
    }

    /// Exit code of the process.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => EXIT_CONFIG,
            Self::System(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_catalogue() {
        let codes = [
            POOL_FULL,
            NO_SUCH_AGENT,
            QUARANTINED,
            POSTGRES_UNREACHABLE,
            UNKNOWN_COMMAND,
            GIVEN_UP,
            CANNOT_START,
            NO_RESULT,
            RECORD_REFUSED,
            TLS_REFUSED,
            CERTIFICATE_NOT_TRUSTED,
        ];
        for code in codes {
            assert!(code.is_listed(), "{code} is missing in errors.yaml");
        }
    }
}
