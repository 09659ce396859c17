//! What the environment says, read once.

use mistersmith_common::config::{ConfigError, Environment, Reader, Secret};
use mistersmith_common::service_spec::ServiceSpec;

/// Where the system is, and who asks.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) nats_url: String,
    pub(crate) nats_seed: Option<Secret>,
    pub(crate) gateway_url: Option<String>,
}

impl Settings {
    /// Reads every variable before refusing any.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn read(spec: &ServiceSpec, environment: &Environment) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(spec, environment);
        let settings = Self::take(&mut reader);
        reader.finish(settings)
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            nats_url: reader.text("NATS_URL"),
            nats_seed: reader.optional_secret("NATS_NKEY_SEED"),
            gateway_url: reader.optional_text("GATEWAY_URL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_of_the_spec_is_read() {
        let spec = ServiceSpec::parse(include_str!("../../service.yaml")).unwrap();
        let nothing = Environment::new();
        let mut reader = Reader::new(&spec, &nothing);
        let _ = Settings::take(&mut reader);
        assert_eq!(reader.unread(), Vec::<&str>::new());
    }
}
