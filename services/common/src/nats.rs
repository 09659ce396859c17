//! The connection to NATS: an identity per role, replies in an inbox of the role, reconnects without end.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event};

use crate::backoff::Backoff;
use crate::config::Secret;
use crate::fault::{Code, Fault};
use crate::health::Health;

/// Longest wait for an answer of JetStream.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that went away without a word is noticed after two of these.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Time between two questions whether JetStream is there, and longest wait for the answer.
const PROBE: Duration = Duration::from_secs(2);
/// Longest wait for the last messages to leave.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Who connects, and where.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// `nats://host:port`.
    pub url: String,
    /// nkey seed; without it the connection has no identity.
    pub seed: Option<Secret>,
    /// Role of `permissions.json`; inboxes begin with `_INBOX_<role>`.
    pub role: String,
    /// Name of the connection in the server's lists.
    pub name: String,
}

/// A connection; cheap to clone.
#[derive(Clone, Debug)]
pub struct Nats {
    /// For requests and subscriptions.
    pub client: Client,
    /// For streams.
    pub jetstream: Context,
}

impl Nats {
    /// Begins to connect and returns at once; the connection is tried again for as long as the process lives.
    ///
    /// # Errors
    /// The URL is not an address of NATS or the seed is not a seed, which no repetition can heal.
    pub async fn connect(options: NatsOptions) -> Result<Self, Fault> {
        let backoff = Backoff::connection();
        let role = options.role.clone();
        let mut connect = ConnectOptions::new()
            .name(&options.name)
            .custom_inbox_prefix(format!("_INBOX_{}", options.role))
            .retry_on_initial_connect()
            .max_reconnects(None)
            .ping_interval(PING_INTERVAL)
            .request_timeout(Some(REQUEST_TIMEOUT))
            .reconnect_delay_callback(move |attempts| {
                let failures = u32::try_from(attempts).unwrap_or(u32::MAX);
                backoff.delay(failures, &mut fastrand::Rng::new())
            })
            .event_callback(move |event| {
                log(&role, &event);
                std::future::ready(())
            });
        if let Some(seed) = &options.seed {
            connect = connect.nkey(seed.expose().to_owned());
        }
        let client = connect.connect(options.url.as_str()).await.map_err(|error| {
            Fault::new(
                Code::NATS_UNREACHABLE,
                format!("{}: {error}", without_password(&options.url)),
            )
        })?;
        let jetstream = jetstream::context::ContextBuilder::new()
            .timeout(REQUEST_TIMEOUT)
            .ack_timeout(REQUEST_TIMEOUT)
            .build(client.clone());
        Ok(Self { client, jetstream })
    }

    /// Whether the server is reached now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Reports whether JetStream answers, every two seconds and for as long as the process lives: an open connection
    /// says nothing about a server that was paused.
    pub async fn watch(self, check: &'static str, health: Health) {
        loop {
            let answer = tokio::time::timeout(PROBE, self.jetstream.query_account()).await;
            let state = match answer {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            let pause = if state.is_ok() { PROBE } else { PROBE / 10 };
            health.set(check, state);
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends what is waiting and closes, within two seconds.
    pub async fn drain(&self) {
        let flushed = tokio::time::timeout(DRAIN_TIMEOUT, self.client.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!("NATS did not confirm the last messages");
        }
        // The only failure is that the connection is closed already.
        let _ = self.client.drain().await;
    }
}

fn log(role: &str, event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::LameDuckMode => tracing::info!("NATS asks to leave this server"),
        Event::Disconnected => {
            let fault = Fault::new(Code::NATS_UNREACHABLE, "the connection to NATS is lost");
            tracing::warn!(code = fault.code.as_str(), "{fault}");
        }
        Event::ServerError(error) => {
            let fault = Fault::new(Code::NATS_REFUSED, format!("NATS says `{error}` to role {role}"));
            tracing::error!(code = fault.code.as_str(), "{fault}");
        }
        Event::ClientError(error) => {
            let fault = Fault::new(Code::NATS_UNREACHABLE, format!("NATS is not reached: {error}"));
            tracing::warn!(code = fault.code.as_str(), "{fault}");
        }
        other => tracing::debug!("NATS: {other}"),
    }
}

fn without_password(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return "the address".to_owned();
    };
    let hidden = url.set_password(None).and_then(|()| url.set_username(""));
    if hidden.is_ok() {
        url.to_string()
    } else {
        "the address".to_owned()
    }
}
