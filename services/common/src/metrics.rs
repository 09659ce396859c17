//! A registry that parts fill with what they count; every name begins with `mistersmith_` and the service's name.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

pub use prometheus_client::encoding::EncodeLabelSet;
pub use prometheus_client::metrics::counter::Counter;
pub use prometheus_client::metrics::family::Family;
pub use prometheus_client::metrics::gauge::Gauge;
pub use prometheus_client::metrics::histogram::Histogram;

/// All metrics of a service; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

impl Metrics {
    /// Media type of [`Metrics::encode`].
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// An empty registry of a service.
    #[must_use]
    pub fn new(service: &str) -> Self {
        let prefix = format!("mistersmith_{}", service.replace('-', "_"));
        Self {
            registry: Arc::new(Mutex::new(Registry::with_prefix(prefix))),
        }
    }

    /// Lets a part register what it counts; the part keeps the handles.
    pub fn register<T>(&self, part: impl FnOnce(&mut Registry) -> T) -> T {
        part(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail; a metric that cannot be encoded is left out by the library.
        let _ = encode(
            &mut text,
            &self.registry.lock().unwrap_or_else(PoisonError::into_inner),
        );
        text
    }
}

pub use prometheus_client::registry::Registry as Section;
