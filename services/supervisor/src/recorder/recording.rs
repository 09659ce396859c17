//! The recorder's loop: take what is there, write it, acknowledge it.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::Message;
use futures_util::{FutureExt, StreamExt};
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::dead_letter::bury;
use mistersmith_common::fault::{Code, Fault};
use mistersmith_common::health::Health;
use mistersmith_common::nats::Nats;
use mistersmith_common::shutdown::Shutdown;
use mistersmith_common::streams::Topology;
use tokio_postgres::Client;

use super::batch::{WriteError, write};
use super::database::{self, DatabaseError};
use super::record::Record;
use super::source::{self, Chunk, Source};
use super::target::Target;
use crate::error::RECORD_REFUSED;
use crate::metrics::{RecorderMetrics, StreamLabel};

/// Name of the readiness check.
pub const CHECK: &str = "postgres";
/// How often Postgres is asked whether it is there while nothing is written.
const PING: Duration = Duration::from_secs(2);

/// Writes messages into Postgres.
pub struct Recorder {
    /// Where messages come from.
    pub nats: Nats,
    /// Where they go.
    pub target: Target,
    /// Told whether Postgres is there.
    pub health: Health,
    /// Counts.
    pub metrics: RecorderMetrics,
    /// Ends it; what has been received is still written.
    pub stop: Shutdown,
}

/// Why the loop has to begin again.
enum Interrupted {
    /// Postgres is away; these messages are not written yet.
    Database(DatabaseError, Vec<Message>),
    /// NATS is away.
    Source,
    /// The supervisor ends.
    Stopped,
}

impl Recorder {
    /// Records until it is stopped.
    pub async fn run(self) {
        let topology = Topology::embedded();
        let mut retry = Retry::new(Backoff::connection());
        let mut waiting = Vec::new();
        let mut source = None;
        loop {
            let connected = tokio::select! {
                connected = database::connect(&self.target) => connected,
                () = self.stop.draining() => return,
            };
            match connected {
                Ok(mut client) => {
                    retry.reset();
                    self.health.set(CHECK, Ok(()));
                    match self
                        .record(&mut client, &topology, &mut source, &mut waiting)
                        .await
                    {
                        Interrupted::Stopped => return,
                        Interrupted::Source => source = None,
                        Interrupted::Database(error, messages) => {
                            waiting = messages;
                            self.report(&error);
                        }
                    }
                }
                Err(error) => self.report(&error),
            }
            self.metrics.retries.inc();
            tokio::select! {
                () = retry.wait() => {}
                () = self.stop.draining() => return,
            }
        }
    }

    fn report(&self, error: &DatabaseError) {
        let fault = Fault::new(error.code(), format!("Postgres: {error}"));
        tracing::warn!(code = fault.code.as_str(), "{fault}");
        self.health.set(CHECK, Err(error.to_string()));
    }

    async fn record(
        &self,
        client: &mut Client,
        topology: &Topology,
        kept: &mut Option<Source>,
        waiting: &mut Vec<Message>,
    ) -> Interrupted {
        if let Err(interrupted) = self.write_all(client, std::mem::take(waiting)).await {
            return interrupted;
        }
        let source = match kept {
            Some(source) => source,
            None => match self.open(client, topology).await {
                Ok(source) => kept.insert(source),
                Err(interrupted) => return interrupted,
            },
        };
        loop {
            let chunk = tokio::select! {
                chunk = source.next() => chunk,
                () = tokio::time::sleep(PING) => match database::ping(client).await {
                    Ok(()) => continue,
                    Err(error) => return Interrupted::Database(error, Vec::new()),
                },
                () = self.stop.draining() => return self.finish(client, source).await,
            };
            if let Err(interrupted) = self.take(client, chunk).await {
                return interrupted;
            }
        }
    }

    /// Streams are made by the supervisor, perhaps later than now; Postgres is watched meanwhile.
    async fn open(&self, client: &Client, topology: &Topology) -> Result<Source, Interrupted> {
        let mut retry = Retry::new(Backoff::connection());
        loop {
            let opened = tokio::select! {
                opened = source::open(&self.nats, topology) => opened,
                () = self.stop.draining() => return Err(Interrupted::Stopped),
            };
            match opened {
                Ok(source) => return Ok(source),
                Err(error) => tracing::debug!(%error, "the recorder's consumers are not there yet"),
            }
            if let Err(error) = database::ping(client).await {
                return Err(Interrupted::Database(error, Vec::new()));
            }
            retry.wait().await;
        }
    }

    /// Writes what was received already: without it, it would come back after its ack wait only.
    async fn finish(&self, client: &mut Client, source: &mut Source) -> Interrupted {
        while let Some(Some(chunk)) = source.next().now_or_never() {
            if let Err(interrupted) = self.take(client, Some(chunk)).await {
                return interrupted;
            }
        }
        Interrupted::Stopped
    }

    async fn take(&self, client: &mut Client, chunk: Option<Chunk>) -> Result<(), Interrupted> {
        let Some(chunk) = chunk else {
            return Err(Interrupted::Source);
        };
        let total = chunk.len();
        let messages: Vec<Message> = chunk.into_iter().flatten().collect();
        let complete = messages.len() == total;
        self.write_all(client, messages).await?;
        if complete {
            Ok(())
        } else {
            Err(Interrupted::Source)
        }
    }

    async fn write_all(&self, client: &mut Client, messages: Vec<Message>) -> Result<(), Interrupted> {
        let mut readable = Vec::new();
        for message in messages {
            match Record::read(&message) {
                Ok(record) => readable.push((message, record)),
                Err(reason) => self.refuse(&message, Code::NATS_INVALID_MESSAGE, &reason).await,
            }
        }
        if readable.is_empty() {
            return Ok(());
        }
        let records: Vec<&Record> = readable.iter().map(|(_, record)| record).collect();
        match write(client, &records).await {
            Ok(()) => {
                for (message, _) in &readable {
                    self.written(message).await;
                }
                Ok(())
            }
            Err(WriteError::Away(error)) => Err(away(error, readable)),
            Err(WriteError::Refused(_)) => self.write_one_by_one(client, readable).await,
        }
    }

    /// One value that Postgres does not accept must not hold up the others.
    async fn write_one_by_one(
        &self,
        client: &mut Client,
        readable: Vec<(Message, Record)>,
    ) -> Result<(), Interrupted> {
        let mut rest = readable.into_iter();
        while let Some((message, record)) = rest.next() {
            match write(client, &[&record]).await {
                Ok(()) => self.written(&message).await,
                Err(WriteError::Refused(reason)) => self.refuse(&message, RECORD_REFUSED, &reason).await,
                Err(WriteError::Away(error)) => {
                    return Err(away(
                        error,
                        std::iter::once((message, record)).chain(rest).collect(),
                    ));
                }
            }
        }
        Ok(())
    }

    async fn written(&self, message: &Message) {
        // Without the acknowledgement it comes again and is found to be written.
        if let Err(error) = message.ack().await {
            tracing::debug!(%error, "not acknowledged");
        }
        if let Ok(info) = message.info() {
            self.metrics
                .written
                .get_or_create(&StreamLabel {
                    stream: info.stream.to_owned(),
                })
                .inc();
            let age = SystemTime::now()
                .duration_since(info.published.into())
                .unwrap_or_default();
            self.metrics.lag_seconds.set(age.as_secs_f64());
        }
    }

    async fn refuse(&self, message: &Message, code: Code, reason: &str) {
        if let Ok(info) = message.info() {
            self.metrics
                .refused
                .get_or_create(&StreamLabel {
                    stream: info.stream.to_owned(),
                })
                .inc();
        }
        let fault = Fault::new(code, format!("{} is not recorded: {reason}", message.subject));
        if let Err(error) = bury(&self.nats.jetstream, message, &fault).await {
            tracing::warn!(error, "a message could not be set aside");
        }
    }
}

fn away(error: DatabaseError, readable: Vec<(Message, Record)>) -> Interrupted {
    Interrupted::Database(error, readable.into_iter().map(|(message, _)| message).collect())
}
