//! A coded reason inside a message.

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// Why something failed: a code of the catalogue and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// `MS-<AREA>-<NNN>`.
    pub code: String,
    /// What was wrong, for a person.
    pub message: String,
}

impl Reason {
    /// Whether the code has the shape of one.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut parts = self.code.split('-');
        let area = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
        let number = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        let shape = parts.next() == Some("MS")
            && parts.next().is_some_and(area)
            && parts.next().is_some_and(number)
            && parts.next().is_none();
        if shape {
            Ok(())
        } else {
            Err("code is not of the form MS-AREA-000".to_owned())
        }
    }
}

impl From<&Fault> for Reason {
    fn from(fault: &Fault) -> Self {
        Self {
            code: fault.code.to_string(),
            message: fault.detail.clone(),
        }
    }
}
