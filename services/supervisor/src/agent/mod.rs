//! An agent process: an identity with a role that takes tasks and hands jobs to the workers.
//!
//! It has its own connection to NATS, so that a slow or broken agent delays nobody else, and no other way out: no
//! database, no signing key, no CLI. What it must not have it asks the supervisor for ([`desk`]).

mod delivery;
mod desk;
mod discoveries;
mod inbox;
mod job_result;
mod process;
mod prompt;
mod queue;
mod task;
mod tokens;

pub use process::run;
