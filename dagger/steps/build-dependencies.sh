#!/bin/sh
# Compiles the dependencies of crates whose own sources are empty, into /src/target. What an earlier build compiled comes
# from a cache: a new dependency then costs its own time only. Only dependencies profit: cargo knows them by version,
# while it compares the times of a workspace's own sources, which the services' steps renew.
# Usage: build-dependencies.sh CACHE TARGET CRATE...
set -eu

cache=$1
shift
if [ -d "$cache/target" ]; then cp -a "$cache/target" /src/target; fi
/steps/build-crates.sh "$@"
rm -rf "$cache/new"
cp -a /src/target "$cache/new"
rm -rf "$cache/target"
mv "$cache/new" "$cache/target"
