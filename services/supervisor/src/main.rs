//! The pool of agents.

fn main() {}
