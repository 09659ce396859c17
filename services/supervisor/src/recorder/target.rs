//! Where Postgres is, and how the connection is encrypted. `sslmode` and `sslrootcert` mean what they mean to libpq.

use std::fmt;

use mistersmith_common::config::Secret;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::form_urlencoded;

use super::tls::{self, Trust};

/// Stands for the authorities that the container trusts.
const SYSTEM: &str = "system";

/// A connection string that was understood; its `Debug` shows no password.
#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: MakeRustlsConnect,
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Target({:?})", self.config)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What of a connection string the client library does not understand.
struct Encryption {
    mode: Option<Mode>,
    /// A file, or [`SYSTEM`].
    authorities: Option<String>,
}

impl Target {
    /// Understands a connection string; `ca` holds the certificates of authorities, PEM.
    ///
    /// # Errors
    /// What is wrong with it, without the string itself.
    pub fn new(url: &Secret, ca: Option<&str>) -> Result<Self, String> {
        let (rest, encryption) = split(url.expose())?;
        let mut config = rest
            .parse::<Config>()
            .map_err(|error| format!("is not a connection string ({})", tls::sentence(&error)))?;
        let mode = match (encryption.mode, has_authorities(&encryption, ca)?) {
            (Some(mode @ (Mode::Disable | Mode::Prefer)), true) => {
                return Err(format!("has sslmode={}, which trusts no authority", mode.name()));
            }
            (Some(mode), _) => mode,
            // Who names an authority wants it to be asked.
            (None, true) => Mode::VerifyFull,
            (None, false) => Mode::Prefer,
        };
        if encryption.authorities.as_deref() == Some(SYSTEM) && mode != Mode::VerifyFull {
            return Err("has sslrootcert=system, which needs sslmode=verify-full".to_owned());
        }
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        let given = given(&encryption, ca)?;
        let trust = match (mode, given) {
            (Mode::VerifyFull, given) => Trust::Name(or_system(given)?),
            (Mode::VerifyCa, given) => Trust::Authority(or_system(given)?),
            (Mode::Require, Some(pem)) => Trust::Authority(tls::authorities(&pem)?),
            _ => Trust::Anybody,
        };
        let tls = MakeRustlsConnect::new(tls::client(trust)?);
        Ok(Self { config, tls })
    }

    /// Stands where a string was refused; the settings are refused as a whole then, so nobody connects to it.
    ///
    /// # Panics
    /// Never: it trusts no authority that could be missing.
    #[must_use]
    pub fn placeholder() -> Self {
        #[expect(clippy::expect_used, reason = "see above")]
        Self::new(&Secret::new("postgres://placeholder"), None).expect("a connection string")
    }

    /// Settings for the client library.
    #[must_use]
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// Makes encrypted connections.
    #[must_use]
    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }
}

impl Mode {
    const ALL: [Self; 5] = [
        Self::Disable,
        Self::Prefer,
        Self::Require,
        Self::VerifyCa,
        Self::VerifyFull,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|mode| mode.name()).collect();
            format!("has an sslmode that is not one of {}", names.join(", "))
        })
    }
}

/// Takes out what the client library does not understand.
fn split(url: &str) -> Result<(String, Encryption), String> {
    let mut encryption = Encryption {
        mode: None,
        authorities: None,
    };
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), encryption));
    };
    let mut others = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => encryption.mode = Some(Mode::parse(&decoded(value))?),
            Some(("sslrootcert", value)) => encryption.authorities = Some(decoded(value)),
            _ => others.push(pair),
        }
    }
    let rest = if others.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", others.join("&"))
    };
    Ok((rest, encryption))
}

/// In a value of a connection string, other than in a form, a plus is a plus.
fn decoded(value: &str) -> String {
    let escaped = value.replace('+', "%2B").replace('=', "%3D");
    form_urlencoded::parse(escaped.as_bytes())
        .map(|(text, _)| text.into_owned())
        .collect()
}

fn has_authorities(encryption: &Encryption, ca: Option<&str>) -> Result<bool, String> {
    if ca.is_some() && encryption.authorities.is_some() {
        return Err("has an sslrootcert although DATABASE_CA is set".to_owned());
    }
    Ok(ca.is_some() || encryption.authorities.is_some())
}

/// The authorities that were given, PEM; none for those of the system.
fn given(encryption: &Encryption, ca: Option<&str>) -> Result<Option<String>, String> {
    if let Some(pem) = ca {
        return Ok(Some(pem.to_owned()));
    }
    match encryption.authorities.as_deref() {
        None | Some(SYSTEM) => Ok(None),
        Some(path) => std::fs::read_to_string(path)
            .map(Some)
            .map_err(|error| format!("has sslrootcert={path}: {error}")),
    }
}

fn or_system(given: Option<String>) -> Result<rustls::RootCertStore, String> {
    given.map_or_else(tls::system_authorities, |pem| tls::authorities(&pem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_test_support::Authority;

    fn target(query: &str, ca: Option<&str>) -> Result<Target, String> {
        let url = format!("postgres://u:canary@db.test/d{query}");
        let target = Target::new(&Secret::new(url), ca);
        let shown = format!("{target:?}");
        assert!(!shown.contains("canary"), "{shown}");
        target
    }

    fn mode(query: &str, ca: Option<&str>) -> SslMode {
        target(query, ca).unwrap().config().get_ssl_mode()
    }

    #[test]
    fn the_modes_are_those_of_libpq() {
        let pem = Authority::new().pem();
        let ca = Some(pem.as_str());
        assert_eq!(mode("", None), SslMode::Prefer);
        assert_eq!(mode("?sslmode=disable", None), SslMode::Disable);
        assert_eq!(mode("?sslmode=prefer", None), SslMode::Prefer);
        assert_eq!(mode("?sslmode=require", None), SslMode::Require);
        assert_eq!(mode("?sslmode=verify-ca", ca), SslMode::Require);
        assert_eq!(mode("?sslmode=verify%2Dfull", ca), SslMode::Require);
        assert_eq!(mode("", ca), SslMode::Require);
    }

    #[test]
    fn other_parameters_stay() {
        let config = target("?application_name=a%20b&sslmode=require&connect_timeout=3", None);
        let config = config.unwrap().config();
        assert_eq!(config.get_application_name(), Some("a b"));
        assert_eq!(config.get_dbname(), Some("d"));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn authorities_come_as_a_text_or_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a+b c.pem");
        std::fs::write(&file, Authority::new().pem()).unwrap();
        let path = file.display().to_string().replace(' ', "%20");
        assert_eq!(
            mode(&format!("?sslmode=verify-full&sslrootcert={path}"), None),
            SslMode::Require
        );
        assert_eq!(mode(&format!("?sslrootcert={path}"), None), SslMode::Require);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let pem = Authority::new().pem();
        let ca = Some(pem.as_str());
        for (query, ca, part) in [
            (
                "?sslmode=verify_full",
                None,
                "not one of disable, prefer, require",
            ),
            ("?sslmode=prefer", ca, "sslmode=prefer, which trusts no authority"),
            ("?sslmode=verify-full&sslrootcert=/nowhere", None, "/nowhere"),
            ("?sslrootcert=/x", ca, "although DATABASE_CA is set"),
            ("?sslmode=verify-full", Some("no PEM"), "no certificate"),
            (
                "?sslmode=require&sslrootcert=system",
                None,
                "needs sslmode=verify-full",
            ),
            ("?unknown=1", None, "is not a connection string"),
        ] {
            let reason = target(query, ca).unwrap_err();
            assert!(reason.contains(part), "{query}: {reason}");
        }
    }
}
