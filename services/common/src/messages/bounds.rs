//! Bounds that several payloads share.

/// Longest prompt, characters.
pub(super) const PROMPT: usize = 262_144;
/// Longest job id, characters.
const JOB_ID: usize = 80;
/// Shortest timeout, ms.
const TIMEOUT_MS: u64 = 1000;

/// A text of 1 to `max` characters.
pub(super) fn text(field: &str, value: &str, max: usize) -> Result<(), String> {
    // Counting characters of a megabyte is only needed when its bytes could be too many.
    let fits = value.len() <= max || value.chars().count() <= max;
    if value.is_empty() || !fits {
        Err(format!("{field} is not 1 to {max} characters long"))
    } else {
        Ok(())
    }
}

/// The identity of a job; it becomes a token of subjects.
pub(super) fn job_id(value: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=JOB_ID).contains(&value.len()) && value.bytes().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "job_id is not made of 1 to {JOB_ID} letters, digits and dashes"
        ))
    }
}

/// An amount of money.
pub(super) fn amount(field: &str, value: f64) -> Result<(), String> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{field} is below 0"))
    }
}

/// A budget.
pub(super) fn budget(value: f64) -> Result<(), String> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err("budget_usd is not above 0".to_owned())
    }
}

/// A time limit.
pub(super) fn timeout(value: u64) -> Result<(), String> {
    if value >= TIMEOUT_MS {
        Ok(())
    } else {
        Err(format!("timeout_ms is below {TIMEOUT_MS}"))
    }
}

/// A number that counts from 1.
pub(super) fn from_one(field: &str, value: u64) -> Result<(), String> {
    if value >= 1 {
        Ok(())
    } else {
        Err(format!("{field} is below 1"))
    }
}

/// Applies a check to a value that may be absent.
pub(super) fn optional<T>(
    value: Option<T>,
    check: impl FnOnce(T) -> Result<(), String>,
) -> Result<(), String> {
    value.map_or(Ok(()), check)
}

/// A text of up to `max` characters.
pub(super) fn at_most(field: &str, value: &str, max: usize) -> Result<(), String> {
    if value.is_empty() {
        Ok(())
    } else {
        text(field, value, max)
    }
}

/// A list of up to `max` items.
pub(super) fn count(field: &str, length: usize, max: usize) -> Result<(), String> {
    if length <= max {
        Ok(())
    } else {
        Err(format!("{field} has more than {max} items"))
    }
}
