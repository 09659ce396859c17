//! The pool of agents and the recorder. See `README.md` beside `Cargo.toml`.

pub mod agent;
pub mod agent_process;
pub mod announcer;
pub mod board;
pub mod config;
pub mod control;
pub mod error;
pub mod given_up;
pub mod http;
pub mod limits;
pub mod metrics;
pub mod pool;
pub mod queue_metrics;
pub mod recorder;
pub mod restart;
pub mod slot;
pub mod supervision;
pub mod supervisor;
pub mod token;
pub mod wire;
