//! Values as Postgres takes them.

use std::borrow::Cow;

/// Postgres cannot store the character NUL, which JSON can say.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text that may be absent.
pub fn clean_option(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(clean)
}

/// A number that is never negative; what does not fit is as large as can be.
pub fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that may be absent.
pub fn integer_option(number: Option<u64>) -> Option<i64> {
    number.map(integer)
}

/// The name of a state as messages write it.
pub fn label<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
