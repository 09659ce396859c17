//! Publishes what must not be lost: again and again until the stream has it, or until the worker must end.

use async_nats::client::Client;
use async_nats::jetstream::Context;
use mistersmith_common::backoff::{Backoff, Retry};
use mistersmith_common::messages::{Envelope, Payload};
use mistersmith_common::publish::publish_as;
use mistersmith_common::shutdown::Shutdown;
use mistersmith_common::trace::Trace;

/// The stream did not confirm before the worker had to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not stored before the worker had to end")]
pub(crate) struct NotStored;

/// Room for headers and subject beside the data of a message, bytes.
const ROOM: usize = 16 * 1024;
/// What is assumed before the server told its limit, bytes.
const SMALLEST_LIMIT: usize = 64 * 1024;

/// Publishes with patience; cheap to clone.
#[derive(Clone)]
pub(crate) struct Courier {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) shutdown: Shutdown,
}

impl Courier {
    /// Publishes under an identity that a repetition makes again; a repetition is not stored twice.
    ///
    /// # Errors
    /// The worker had to end first.
    pub(crate) async fn deliver<P: Payload>(
        &self,
        subject: String,
        identity: &str,
        message: &Envelope<P>,
        trace: &Trace,
    ) -> Result<(), NotStored> {
        let mut retry = Retry::new(Backoff::connection());
        loop {
            let sent = publish_as(&self.jetstream, subject.clone(), identity, message, trace).await;
            let Err(error) = sent else { return Ok(()) };
            tracing::warn!(subject, %error, "not stored yet");
            if !self.again(&mut retry).await {
                return Err(NotStored);
            }
        }
    }

    /// Waits before another attempt; `false` when there is no time for one.
    pub(crate) async fn again(&self, retry: &mut Retry) -> bool {
        tokio::select! {
            biased;
            () = self.shutdown.hurrying() => false,
            () = retry.wait() => true,
        }
    }

    /// Longest data of a message, bytes.
    pub(crate) fn longest(&self) -> usize {
        self.client
            .server_info()
            .max_payload
            .max(SMALLEST_LIMIT)
            .saturating_sub(ROOM)
    }
}
