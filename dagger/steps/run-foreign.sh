#!/bin/sh
# Takes an image of another platform from a registry and runs its programs there, one processor imitated by the other:
# nothing is asked of the kernel.
# Usage: run-foreign.sh MACHINE PLATFORM REFERENCE CRANE-OPTIONS COMMAND...
#   COMMAND  words of one command, its program by its path in the image
set -eu

machine=$1
platform=$2
reference=$3
options=$4
shift 4
image=$(mktemp -d)
# shellcheck disable=SC2086 # the options are words
crane export $options --platform "$platform" "$reference" - | tar -xf - -C "$image"
cp "$(command -v "qemu-$machine-static")" "$image/emulator"
for command in "$@"; do
  # shellcheck disable=SC2086 # the command is words
  if output=$(chroot "$image" /emulator $command 2>&1); then
    echo "$command: $(echo "$output" | head -n 1)"
  else
    echo "$command ended with $?: $output" >&2
    exit 1
  fi
done
