//! Writes records in one transaction.

use tokio_postgres::{Client, Error, Transaction};

use super::database::{ANSWER_TIMEOUT, DatabaseError};
use super::record::{Content, Record};
use super::tasks::Place;
use super::{agents, costs, discoveries, tasks};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Postgres is not there; the same again is right.
    #[error("{0}")]
    Away(#[from] DatabaseError),
    /// Postgres does not accept a value; the same again would be the same.
    #[error("{0}")]
    Refused(String),
}

/// Writes all records or none.
///
/// # Errors
/// See [`WriteError`].
pub async fn write(client: &mut Client, records: &[&Record]) -> Result<(), WriteError> {
    match tokio::time::timeout(ANSWER_TIMEOUT, transact(client, records)).await {
        Err(_) => Err(DatabaseError::Timeout.into()),
        Ok(Err(error)) if is_refusal(&error) => Err(WriteError::Refused(reason(&error))),
        Ok(Err(error)) => Err(DatabaseError::from(error).into()),
        Ok(Ok(())) => Ok(()),
    }
}

async fn transact(client: &mut Client, records: &[&Record]) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    for record in records {
        insert(&transaction, record).await?;
    }
    transaction.commit().await
}

async fn insert(transaction: &Transaction<'_>, record: &Record) -> Result<(), Error> {
    let trace_id = record.trace_id.as_deref();
    let place = Place {
        sequence: record.sequence,
        trace_id,
    };
    match &record.content {
        Content::Progress(message) => tasks::progress(transaction, message, place).await,
        Content::Result(message) => tasks::result(transaction, message, place).await,
        Content::Event(message) => agents::event(transaction, message, record.sequence).await,
        Content::Status(message) => agents::status(transaction, message, record.sequence).await,
        Content::Cost(message) => costs::cost(transaction, message).await,
        Content::Discovery(message) => {
            discoveries::discovery(transaction, message, record.sequence, trace_id).await
        }
    }
}

/// Classes 22 (data) and 23 (constraints) concern the values, all others the server or our schema.
fn is_refusal(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|state| state.code().starts_with("22") || state.code().starts_with("23"))
}

fn reason(error: &Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
