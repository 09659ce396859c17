//! Settings from the environment: every variable is read before anything is refused, so that one start shows all
//! that is wrong. Tests pass a map instead of the process's environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::fault::{Code, Fault};
use crate::service_spec::{Kind, ServiceSpec, Variable};

/// Exit code of a service that was given bad settings (`EX_CONFIG` of sysexits).
pub const EXIT_CONFIG: u8 = 78;

/// A value that must not be shown; its `Debug` does not.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(***)")
    }
}

/// Everything that is wrong with the settings, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Fault>);

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let end = if index + 1 < self.0.len() { "\n" } else { "" };
            write!(out, "{fault}{end}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Variables by name.
pub type Environment = BTreeMap<String, String>;

/// The process's environment; a variable that is not UTF-8 is read with replacement characters.
#[must_use]
pub fn environment() -> Environment {
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect()
}

/// Reads typed values and collects what is wrong; [`Reader::finish`] tells.
///
/// A getter returns a neutral value after a fault, which nobody sees because `finish` refuses.
pub struct Reader<'a> {
    spec: &'a ServiceSpec,
    environment: &'a Environment,
    faults: Vec<Fault>,
    read: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of the variables of a spec.
    #[must_use]
    pub fn new(spec: &'a ServiceSpec, environment: &'a Environment) -> Self {
        Self {
            spec,
            environment,
            faults: Vec::new(),
            read: Vec::new(),
        }
    }

    /// A text, URL, path or enum value; empty when absent.
    pub fn text(&mut self, name: &str) -> String {
        self.value(name).unwrap_or_default()
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        self.value(name)
    }

    /// A secret that is required.
    pub fn secret(&mut self, name: &str) -> Secret {
        Secret(self.value(name).unwrap_or_default())
    }

    /// A secret that may be absent.
    pub fn optional_secret(&mut self, name: &str) -> Option<Secret> {
        self.value(name).map(Secret)
    }

    /// A path.
    pub fn path(&mut self, name: &str) -> PathBuf {
        PathBuf::from(self.text(name))
    }

    /// A whole number; its bounds are those of the spec.
    pub fn integer(&mut self, name: &str) -> u64 {
        self.value(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> f64 {
        self.value(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// A truth value.
    pub fn boolean(&mut self, name: &str) -> bool {
        self.value(name).is_some_and(|text| text == "true")
    }

    /// A TCP port.
    pub fn port(&mut self, name: &str) -> u16 {
        self.value(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// Adds a fault that the spec cannot express, such as a key that is not a key.
    pub fn refuse(&mut self, name: &str, reason: &str) {
        self.faults
            .push(Fault::new(Code::CONFIG_VALUE, format!("{name} {reason}")));
    }

    /// The settings, or everything that is wrong.
    ///
    /// # Errors
    /// All faults in the order in which the variables were read.
    pub fn finish<T>(self, settings: T) -> Result<T, ConfigError> {
        if self.faults.is_empty() {
            Ok(settings)
        } else {
            Err(ConfigError(self.faults))
        }
    }

    /// Variables of the spec that nobody asked for; a test of each service wants none.
    #[must_use]
    pub fn unread(&self) -> Vec<&str> {
        let names = self.spec.variables.iter().map(|variable| variable.name.as_str());
        names
            .filter(|name| !self.read.iter().any(|read| read == name))
            .collect()
    }

    fn value(&mut self, name: &str) -> Option<String> {
        self.read.push(name.to_owned());
        let Some(variable) = self.spec.variable(name) else {
            self.refuse(name, "is not in the service's spec");
            return None;
        };
        match self.raw(variable) {
            Err(fault) => {
                self.faults.push(fault);
                None
            }
            Ok(None) if variable.required => {
                self.faults
                    .push(Fault::new(Code::CONFIG_MISSING, format!("{name} is not set")));
                None
            }
            Ok(None) => None,
            Ok(Some(text)) => match check(variable, &text) {
                Ok(()) => Some(text),
                Err(reason) => {
                    let shown = if variable.secret.is_some() {
                        String::new()
                    } else {
                        format!("={}", shorten(&text))
                    };
                    self.refuse(&format!("{name}{shown}"), &reason);
                    None
                }
            },
        }
    }

    /// An empty variable counts as absent, because compose files pass unset ones as empty.
    fn raw(&self, variable: &Variable) -> Result<Option<String>, Fault> {
        let get = |name: &str| self.environment.get(name).filter(|value| !value.is_empty());
        let direct = get(&variable.name);
        let file_name = format!("{}_FILE", variable.name);
        let path = get(&file_name).filter(|_| variable.file);
        match (direct, path) {
            (Some(_), Some(_)) => Err(Fault::new(
                Code::CONFIG_VALUE,
                format!("{} and {file_name} are both set", variable.name),
            )),
            (Some(value), None) => Ok(Some(value.clone())),
            (None, Some(path)) => std::fs::read_to_string(path)
                .map(|text| Some(text.trim_end().to_owned()).filter(|text| !text.is_empty()))
                .map_err(|error| Fault::new(Code::CONFIG_FILE, format!("{file_name}={path}: {error}"))),
            (None, None) => Ok(variable.default.clone()),
        }
    }
}

fn check(variable: &Variable, text: &str) -> Result<(), String> {
    match variable.kind {
        Kind::String => Ok(()),
        Kind::Integer => bounds(
            variable,
            text.parse::<u64>().ok().map(|value| value as f64),
            "a whole number",
        ),
        Kind::Number => bounds(
            variable,
            text.parse::<f64>().ok().filter(|value| value.is_finite()),
            "a number",
        ),
        Kind::Boolean => one_of(text, &["true", "false"]),
        Kind::Url => match url::Url::parse(text) {
            Ok(url) if url.has_host() => Ok(()),
            Ok(_) => Err("is a URL without a host".to_owned()),
            Err(error) => Err(format!("is not a URL ({error})")),
        },
        Kind::Path if text.starts_with('/') => Ok(()),
        Kind::Path => Err("is not an absolute path".to_owned()),
        Kind::Port => match text.parse::<u16>() {
            Ok(1..) => Ok(()),
            _ => Err("is not a port from 1 to 65535".to_owned()),
        },
        Kind::Enum => one_of(
            text,
            &variable.values.iter().map(String::as_str).collect::<Vec<_>>(),
        ),
    }
}

fn one_of(text: &str, allowed: &[&str]) -> Result<(), String> {
    if allowed.contains(&text) {
        Ok(())
    } else {
        Err(format!("is not one of {}", allowed.join(", ")))
    }
}

fn bounds(variable: &Variable, value: Option<f64>, what: &str) -> Result<(), String> {
    let Some(value) = value else {
        return Err(format!("is not {what}"));
    };
    match (variable.min, variable.max) {
        (Some(min), _) if value < min => Err(format!("is below {min}")),
        (_, Some(max)) if value > max => Err(format!("is above {max}")),
        _ => Ok(()),
    }
}

/// A wrong value may be a whole file; a line of the log needs its beginning only.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
