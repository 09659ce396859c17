//! Streams, consumers and buckets, as `services/contracts/streams.json` lists them.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::stream::{Config as StreamConfig, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode, kv, object_store};
use serde::Deserialize;

use crate::fault::{Code, Fault};

/// Everything that lives in JetStream.
#[derive(Clone, Debug, Deserialize)]
pub struct Topology {
    /// Streams.
    pub streams: Vec<StreamSpec>,
    /// Durable pull consumers.
    pub consumers: Vec<ConsumerSpec>,
    /// Key-value buckets.
    pub key_value: Vec<BucketSpec>,
    /// Object stores.
    pub object_stores: Vec<StoreSpec>,
}

/// A stream.
#[derive(Clone, Debug, Deserialize)]
pub struct StreamSpec {
    /// Name.
    pub name: String,
    /// Subjects that it stores.
    pub subjects: Vec<String>,
    /// What removes a message: its acknowledgement or only the limits.
    pub retention: Retention,
    /// Oldest message, s.
    pub max_age_seconds: u64,
    /// Size at which the oldest messages go, bytes.
    pub max_bytes: i64,
    /// Time in which a repeated identity is noticed, s.
    pub duplicate_window_seconds: u64,
    /// Whether every replica answers reads by sequence or subject.
    #[serde(default)]
    pub allow_direct: bool,
}

/// How a stream loses messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Retention {
    /// By age and size.
    Limits,
    /// By acknowledgement too.
    Workqueue,
}

/// A durable pull consumer.
#[derive(Clone, Debug, Deserialize)]
pub struct ConsumerSpec {
    /// Stream it reads.
    pub stream: String,
    /// Durable name.
    pub name: String,
    /// Subject filter.
    pub filter: String,
    /// Time until an unacknowledged message is delivered again, s.
    pub ack_wait_seconds: u64,
    /// Deliveries of one message; -1 without end.
    pub max_deliver: i64,
}

/// A key-value bucket.
#[derive(Clone, Debug, Deserialize)]
pub struct BucketSpec {
    /// Name.
    pub bucket: String,
    /// Life of an entry that is not renewed, s.
    pub ttl_seconds: u64,
}

/// An object store.
#[derive(Clone, Debug, Deserialize)]
pub struct StoreSpec {
    /// Name.
    pub bucket: String,
    /// Life of an object, s.
    pub max_age_seconds: u64,
}

impl Topology {
    /// The topology that is compiled in.
    ///
    /// # Panics
    /// Never in a program whose tests ran: a test reads the same file.
    #[must_use]
    pub fn embedded() -> Self {
        #[expect(clippy::expect_used, reason = "the file is compiled in and read by a test")]
        serde_json::from_str(include_str!("../../contracts/streams.json")).expect("streams.json is valid")
    }

    /// A stream by its name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<&StreamSpec> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// A consumer by its name.
    #[must_use]
    pub fn consumer(&self, name: &str) -> Option<&ConsumerSpec> {
        self.consumers.iter().find(|consumer| consumer.name == name)
    }

    /// Creates what is missing and updates what drifted; streams first, the rest needs them.
    ///
    /// # Errors
    /// The first refusal, with the name of what was refused.
    pub async fn ensure(&self, jetstream: &Context, replicas: usize) -> Result<(), Fault> {
        let streams = self
            .streams
            .iter()
            .map(|spec| ensure_stream(jetstream, spec, replicas));
        let buckets = self
            .key_value
            .iter()
            .map(|spec| ensure_bucket(jetstream, spec, replicas));
        let stores = self
            .object_stores
            .iter()
            .map(|spec| ensure_store(jetstream, spec, replicas));
        futures_util::try_join!(
            futures_util::future::try_join_all(streams),
            futures_util::future::try_join_all(buckets),
            futures_util::future::try_join_all(stores),
        )?;
        let consumers = self.consumers.iter().map(|spec| ensure_consumer(jetstream, spec));
        futures_util::future::try_join_all(consumers).await?;
        Ok(())
    }
}

async fn ensure_stream(jetstream: &Context, spec: &StreamSpec, replicas: usize) -> Result<(), Fault> {
    let config = StreamConfig {
        name: spec.name.clone(),
        subjects: spec.subjects.clone(),
        retention: match spec.retention {
            Retention::Limits => RetentionPolicy::Limits,
            Retention::Workqueue => RetentionPolicy::WorkQueue,
        },
        max_age: Duration::from_secs(spec.max_age_seconds),
        max_bytes: spec.max_bytes,
        duplicate_window: Duration::from_secs(spec.duplicate_window_seconds),
        allow_direct: spec.allow_direct,
        storage: StorageType::File,
        num_replicas: replicas,
        ..StreamConfig::default()
    };
    let result = jetstream.create_or_update_stream(config).await;
    result.map(drop).map_err(|error| {
        let code = match error.kind() {
            CreateStreamErrorKind::JetStream(cause)
                if cause.error_code() == ErrorCode::STORAGE_RESOURCES_EXCEEDED =>
            {
                Code::NATS_NO_ROOM
            }
            _ => Code::NATS_REFUSED,
        };
        not_made(code, "stream", &spec.name, &error)
    })
}

async fn ensure_consumer(jetstream: &Context, spec: &ConsumerSpec) -> Result<(), Fault> {
    let config = pull::Config {
        durable_name: Some(spec.name.clone()),
        filter_subject: spec.filter.clone(),
        ack_policy: AckPolicy::Explicit,
        deliver_policy: DeliverPolicy::All,
        ack_wait: Duration::from_secs(spec.ack_wait_seconds),
        max_deliver: spec.max_deliver,
        ..pull::Config::default()
    };
    let result = jetstream
        .create_consumer_on_stream(config, spec.stream.as_str())
        .await;
    result
        .map(drop)
        .map_err(|error| not_made(Code::NATS_REFUSED, "consumer", &spec.name, &error))
}

async fn ensure_bucket(jetstream: &Context, spec: &BucketSpec, replicas: usize) -> Result<(), Fault> {
    let config = kv::Config {
        bucket: spec.bucket.clone(),
        max_age: Duration::from_secs(spec.ttl_seconds),
        history: 1,
        storage: StorageType::File,
        num_replicas: replicas,
        ..kv::Config::default()
    };
    let result = jetstream.create_or_update_key_value(config).await;
    result
        .map(drop)
        .map_err(|error| not_made(Code::NATS_REFUSED, "bucket", &spec.bucket, &error))
}

/// The client library can create a store but not update one, and creating one that exists as asked is no error.
async fn ensure_store(jetstream: &Context, spec: &StoreSpec, replicas: usize) -> Result<(), Fault> {
    let config = object_store::Config {
        bucket: spec.bucket.clone(),
        max_age: Duration::from_secs(spec.max_age_seconds),
        storage: StorageType::File,
        num_replicas: replicas,
        ..object_store::Config::default()
    };
    if jetstream.get_object_store(&spec.bucket).await.is_ok() {
        return Ok(());
    }
    let result = jetstream.create_object_store(config).await;
    result
        .map(drop)
        .map_err(|error| not_made(Code::NATS_REFUSED, "object store", &spec.bucket, &error))
}

fn not_made(code: Code, what: &str, name: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::new(code, format!("{what} {name} cannot be made: {error}"))
}
