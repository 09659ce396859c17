//! What every Rust service of MisterSmith shares.
//!
//! A service is one process that reads its settings once ([`config`]), says how it is ([`health`], [`metrics`],
//! [`logging`]), talks to the others through NATS ([`nats`], [`streams`], [`messages`], [`trace`],
//! [`dead_letter`]), waits for its processes in one place ([`reaper`]) and ends in order ([`shutdown`]). What can go
//! wrong has a code ([`fault`]).

pub mod backoff;
pub mod config;
pub mod dead_letter;
pub mod fault;
pub mod health;
pub mod health_client;
pub mod logging;
pub mod messages;
pub mod metrics;
pub mod nats;
pub mod publish;
pub mod reaper;
pub mod service_spec;
pub mod shutdown;
pub mod streams;
pub mod trace;
pub mod workers;
mod yaml;
