#!/bin/sh
# Compiles crates of the workspace in /src one by one: a crate alone may need other features of a
# dependency than all together, and the layer of the dependencies must hold what the crate's own layer asks for.
# Usage: build-crates.sh TARGET CRATE...
set -eu

target=$1
shift

# Without an explicit target the flags would reach build scripts and procedural macros, which cannot be static.
flags="-C target-feature=+crt-static"
cargo fetch --locked --target "$target"
# Panic messages name source files; neither the registry's host nor our directories belong into a binary.
for sources in "$CARGO_HOME"/registry/src/*; do
  flags="$flags --remap-path-prefix=$sources=/crates"
done
export RUSTFLAGS="$flags --remap-path-prefix=/src=/mistersmith"

for crate in "$@"; do
  cargo build --release --locked --target "$target" -p "$crate"
done
mkdir -p /out
for crate in "$@"; do
  binary="/src/target/$target/release/$crate"
  if [ -f "$binary" ]; then cp "$binary" /out/; fi
done
