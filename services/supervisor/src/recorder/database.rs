//! The connection to Postgres.

use std::time::Duration;

use mistersmith_common::config::Secret;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::migrations;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for an answer: a server that was paused must not hold the recorder for ever.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Why Postgres is not there, without the connection string.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Postgres or the connection to it says so.
    #[error("{0}")]
    Postgres(String),
    /// It does not answer.
    #[error("no answer in time")]
    Timeout,
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        let text = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |error| error.message().to_owned());
        Self::Postgres(text)
    }
}

/// A connection to an up-to-date database.
///
/// # Errors
/// Postgres is not reached, refuses us, or cannot be migrated.
pub async fn connect(url: &Secret) -> Result<Client, DatabaseError> {
    let mut config: Config = url.expose().parse()?;
    config
        .application_name("mistersmith-supervisor")
        .connect_timeout(CONNECT_TIMEOUT);
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, config.connect(NoTls));
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
