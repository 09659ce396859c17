#!/bin/sh
# Gives the Rust toolchain its formatter and its linter, which the minimal profile of the public image lacks. Whether they
# are there is asked of the programs: rustup puts names of every component on the PATH, and those of a missing one fail.
# Usage: add-rust-components.sh
set -eu

works() { cargo "$1" --version >/dev/null 2>&1; }

if works fmt && works clippy; then exit 0; fi
rustup component add rustfmt clippy
# What rustup gave must work too: then the reason is printed here, and not by the first test.
cargo fmt --version
cargo clippy --version
