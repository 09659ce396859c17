//! One file for each command.

pub(crate) mod cost;
pub(crate) mod discoveries;
pub(crate) mod dlq;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod pool;
pub(crate) mod task;
pub(crate) mod token;
pub(crate) mod workers;
