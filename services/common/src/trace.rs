//! W3C trace context: one identity along the whole way of a task.

use std::fmt;
use std::str::FromStr;

use async_nats::HeaderMap;
use uuid::Uuid;

/// Name of the header in NATS, HTTP and gRPC.
pub const TRACEPARENT: &str = "traceparent";

/// A `traceparent` of version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    trace: u128,
    span: u64,
    flags: u8,
}

/// A text that is not a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct TraceError;

impl Trace {
    /// The beginning of a way, sampled.
    #[must_use]
    pub fn start() -> Self {
        Self {
            trace: Uuid::new_v4().as_u128(),
            span: random_span(),
            flags: 1,
        }
    }

    /// The next step of the same way.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span: random_span(),
            ..*self
        }
    }

    /// The trace of a message, or the beginning of a new one when it has none that is valid.
    #[must_use]
    pub fn of(headers: Option<&HeaderMap>) -> Self {
        headers
            .and_then(|headers| headers.get(TRACEPARENT))
            .and_then(|value| value.as_str().parse().ok())
            .unwrap_or_else(Self::start)
    }

    /// What logs show as `trace_id`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

/// An all-zero span is not valid; a random one is that once in 2^64.
fn random_span() -> u64 {
    (Uuid::new_v4().as_u128() as u64).max(1)
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace, self.span, self.flags
        )
    }
}

impl FromStr for Trace {
    type Err = TraceError;

    /// Later versions may have more fields; what version 00 defines is read from them too.
    fn from_str(text: &str) -> Result<Self, TraceError> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version, trace, span, flags, rest @ ..] = parts.as_slice() else {
            return Err(TraceError);
        };
        let known = *version == "00" && rest.is_empty() || (*version != "00" && *version != "ff");
        if !known || hex(version, 2).is_none() {
            return Err(TraceError);
        }
        let trace = hex(trace, 32).filter(|value| *value != 0).ok_or(TraceError)?;
        let span = hex(span, 16).filter(|value| *value != 0).ok_or(TraceError)?;
        let flags = hex(flags, 2).ok_or(TraceError)?;
        Ok(Self {
            trace,
            span: span as u64,
            flags: flags as u8,
        })
    }
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let valid = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if valid {
        u128::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written() {
        assert_eq!(EXAMPLE.parse::<Trace>().unwrap().to_string(), EXAMPLE);
    }

    #[test]
    fn a_child_keeps_the_trace_and_changes_the_span() {
        let parent: Trace = EXAMPLE.parse().unwrap();
        let child = parent.child();
        assert_eq!(child.id(), parent.id());
        assert_ne!(child.span, parent.span);
    }

    #[test]
    fn refuses_what_the_standard_refuses() {
        let zero = "0".repeat(32);
        for bad in [
            "",
            "00",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            &format!("00-{zero}-b7ad6b7169203331-01"),
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(bad.parse::<Trace>(), Err(TraceError), "{bad}");
        }
    }

    #[test]
    fn a_message_without_a_valid_header_starts_a_trace() {
        assert_ne!(Trace::of(None).id(), Trace::of(None).id());
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, EXAMPLE);
        assert_eq!(Trace::of(Some(&headers)).to_string(), EXAMPLE);
    }
}
