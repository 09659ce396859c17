//! The codes of msctl in `services/contracts/errors.yaml`.

use mistersmith_common::fault::{Code, Fault};

/// An argument is not valid.
pub(crate) const ARGUMENT: Code = Code::new("MS-CTL-001");
/// The other side does not answer.
pub(crate) const NO_ANSWER: Code = Code::new("MS-CTL-002");
/// A file cannot be read or written.
pub(crate) const FILE: Code = Code::new("MS-CTL-003");
/// There is nothing of that identity.
pub(crate) const NOT_THERE: Code = Code::new("MS-CTL-004");
/// A stream, consumer or bucket is missing.
pub(crate) const MISSING: Code = Code::new("MS-CTL-005");
/// A part of the system is not ready.
pub(crate) const NOT_READY: Code = Code::new("MS-CTL-006");
/// There are dead letters.
pub(crate) const DEAD_LETTERS: Code = Code::new("MS-CTL-007");

/// Turns an error of the connection into one that can be told.
pub(crate) fn no_answer(what: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::new(NO_ANSWER, format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_catalogue() {
        for code in [
            ARGUMENT,
            NO_ANSWER,
            FILE,
            NOT_THERE,
            MISSING,
            NOT_READY,
            DEAD_LETTERS,
        ] {
            assert!(code.is_listed(), "{code} is missing in errors.yaml");
        }
    }
}
