//! Keeps secrets out of whatever leaves the worker.

use std::borrow::Cow;

/// What stands in a secret's place.
const MARK: &str = "***";
/// A shorter value would be found in ordinary words.
const SHORTEST: usize = 8;

/// Replaces secrets in texts.
#[derive(Clone)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Knows the secrets, and how they look inside a JSON text.
    pub(crate) fn new(secrets: &[&str]) -> Self {
        let mut all = Vec::new();
        for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
            let quoted = serde_json::Value::from(*secret).to_string();
            all.push((*secret).to_owned());
            all.push(quoted.trim_matches('"').to_owned());
        }
        all.dedup();
        Self { secrets: all }
    }

    /// The text without the secrets.
    pub(crate) fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in &self.secrets {
            if clean.contains(secret.as_str()) {
                clean = Cow::Owned(clean.replace(secret.as_str(), MARK));
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_wherever_they_stand() {
        let redactor = Redactor::new(&["sk-canary-1", "quote\"inside"]);
        assert_eq!(redactor.clean("a sk-canary-1sk-canary-1 b"), "a ****** b");
        assert_eq!(redactor.clean(r#"{"x":"quote\"inside"}"#), r#"{"x":"***"}"#);
        assert!(matches!(redactor.clean("nothing here"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_value_as_short_as_a_word_is_no_secret() {
        assert_eq!(Redactor::new(&["key", ""]).clean("a key"), "a key");
    }
}
