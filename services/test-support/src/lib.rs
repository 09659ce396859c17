//! Real servers and real processes for tests.
//!
//! Nothing here is skipped when a server is missing: the test fails and says how to get it. Everything that is
//! started ends with the test, also when the test is killed.

mod authority;
mod child;
mod database;
mod free_port;
mod nats_server;
mod proxy;
mod service;
mod signing_key;

pub use authority::{Authority, Identity};
pub use child::Child;
pub use database::Database;
pub use free_port::free_port;
pub use nats_server::NatsServer;
pub use proxy::Proxy;
pub use service::{LogLine, Service};
pub use signing_key::signing_key;
