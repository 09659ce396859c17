//! The connection to NATS: one attempt, because a person waits for the answer.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::{Client, ConnectErrorKind, ConnectOptions};
use mistersmith_common::fault::{Code, Fault};
use mistersmith_common::messages::{Control, ControlReply, Envelope};

use crate::error::no_answer;
use crate::settings::Settings;

/// Role of `permissions.json`.
const ROLE: &str = "operator";
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open connection.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The server does not answer or refuses the identity.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Fault> {
        let mut options = ConnectOptions::new()
            .name("msctl")
            .custom_inbox_prefix(format!("_INBOX_{ROLE}"))
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE));
        if let Some(seed) = &settings.nats_seed {
            options = options.nkey(seed.expose().to_owned());
        }
        let client = options
            .connect(settings.nats_url.as_str())
            .await
            .map_err(|error| {
                let refused = matches!(
                    error.kind(),
                    ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation
                );
                if refused {
                    Fault::new(Code::NATS_REFUSED, format!("NATS refused the identity: {error}"))
                } else {
                    no_answer("NATS", &error)
                }
            })?;
        let jetstream = async_nats::jetstream::context::ContextBuilder::new()
            .timeout(PATIENCE)
            .ack_timeout(PATIENCE)
            .build(client.clone());
        Ok(Self { client, jetstream })
    }

    /// Asks the supervisor.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub(crate) async fn control(
        &self,
        subject: &'static str,
        request: Control,
    ) -> Result<ControlReply, Fault> {
        let message = Envelope::new(request).encode();
        let answer = self
            .client
            .request(subject, message)
            .await
            .map_err(|error| no_answer("the supervisor", &error))?;
        let reply = Envelope::<ControlReply>::decode(&answer.payload)
            .map_err(|error| {
                Fault::new(
                    Code::NATS_INVALID_MESSAGE,
                    format!("the supervisor's answer: {error}"),
                )
            })?
            .payload;
        match &reply.error {
            None => Ok(reply),
            Some(reason) => Err(no_answer(
                "the supervisor",
                &format!("{} {}", reason.code, reason.message),
            )),
        }
    }
}
