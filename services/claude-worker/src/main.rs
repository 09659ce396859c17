//! Runs one Claude CLI per job from the work queue.

fn main() {}
