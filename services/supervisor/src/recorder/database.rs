//! The connection to Postgres.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use mistersmith_common::fault::Code;
use tokio_postgres::{Client, Error};

use super::migrations;
use super::target::Target;
use super::tls::sentence;
use crate::error::{CERTIFICATE_NOT_TRUSTED, POSTGRES_UNREACHABLE, TLS_REFUSED};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for an answer: a server that was paused must not hold the recorder for ever.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How the client library says that the server answered the request for TLS with no; it has no other sign.
const REFUSAL: &str = "server does not support TLS";

/// Why Postgres is not there, without the connection string.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Postgres or the connection to it says so.
    #[error("{0}")]
    Postgres(String),
    /// The connection was to be encrypted, and the server does not.
    #[error("the server does not speak TLS")]
    TlsRefused,
    /// The certificate does not show that it is our Postgres.
    #[error("the server's certificate is not trusted: {0}")]
    NotTrusted(String),
    /// It does not answer.
    #[error("no answer in time")]
    Timeout,
}

impl DatabaseError {
    /// Which error of the catalogue it is.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Postgres(_) | Self::Timeout => POSTGRES_UNREACHABLE,
            Self::TlsRefused => TLS_REFUSED,
            Self::NotTrusted(_) => CERTIFICATE_NOT_TRUSTED,
        }
    }
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        if let Some(error) = error.as_db_error() {
            return Self::Postgres(error.message().to_owned());
        }
        if let Some(reason) = mistrust(&error) {
            return Self::NotTrusted(reason);
        }
        let text = sentence(&error);
        if text.contains(REFUSAL) {
            Self::TlsRefused
        } else {
            Self::Postgres(text)
        }
    }
}

/// What is wrong with the certificate, if that is what failed.
fn mistrust(error: &Error) -> Option<String> {
    let failed = error.source()?.downcast_ref::<io::Error>()?;
    match failed.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(reason) => Some(reason.to_string()),
        _ => None,
    }
}

/// A connection to an up-to-date database.
///
/// # Errors
/// Postgres is not reached, refuses us, is not trusted, or cannot be migrated.
pub async fn connect(target: &Target) -> Result<Client, DatabaseError> {
    let mut config = target.config();
    config
        .application_name("mistersmith-supervisor")
        .connect_timeout(CONNECT_TIMEOUT);
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, config.connect(target.tls()));
    let (mut client, connection) = connecting.await.map_err(|_| DatabaseError::Timeout)??;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to Postgres ended");
        }
    });
    // Another supervisor may be migrating, so this one waits longer than for an answer.
    let migrating = tokio::time::timeout(ANSWER_TIMEOUT * 3, migrations::apply(&mut client));
    migrating.await.map_err(|_| DatabaseError::Timeout)??;
    Ok(client)
}

/// Whether Postgres answers.
///
/// # Errors
/// It does not.
pub async fn ping(client: &Client) -> Result<(), DatabaseError> {
    let answer = tokio::time::timeout(ANSWER_TIMEOUT / 2, client.simple_query("")).await;
    answer.map_err(|_| DatabaseError::Timeout)??;
    Ok(())
}
