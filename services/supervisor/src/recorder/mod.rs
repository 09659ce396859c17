//! Copies what happened from NATS into Postgres, each message once.
//!
//! A message is acknowledged when the transaction that wrote it is committed, and every table has the message's identity
//! as its key. So Postgres may be away for a while, and a message that comes twice is written once.

mod agents;
mod batch;
mod costs;
mod database;
mod discoveries;
mod migrations;
mod record;
mod recording;
mod source;
mod target;
mod tasks;
mod text;
mod tls;

pub use database::{DatabaseError, connect};
pub use recording::{CHECK, Recorder};
pub use target::Target;
