#!/bin/sh
# Takes an image of another platform from a registry and runs its programs there, one processor imitated by the other:
# nothing is asked of the kernel. A program of any other processor in it is refused, also one that nobody calls.
# Usage: run-foreign.sh MACHINE ELF PLATFORM REFERENCE CRANE-OPTIONS COMMAND...
#   ELF      how the head of a program names that processor, hex digits
#   COMMAND  words of one command, its program by its path in the image
set -eu

machine=$1
elf=$2
platform=$3
reference=$4
options=$5
shift 5
image=$(mktemp -d)
# shellcheck disable=SC2086 # the options are words
crane export $options --platform "$platform" "$reference" - | tar -xf - -C "$image"
others=$(find "$image" -type f \( -perm /111 -o -name '*.so*' \) | while read -r file; do
  head=$(od -An -tx1 -N20 "$file" | tr -d ' \n')
  case $head in 7f454c46*) [ "$(echo "$head" | cut -c37-40)" = "$elf" ] || echo "${file#"$image"}" ;; esac
done)
if [ -n "$others" ]; then
  echo "not for $platform: $others" >&2
  exit 1
fi
cp "$(command -v "qemu-$machine-static")" "$image/emulator"
for command in "$@"; do
  # shellcheck disable=SC2086 # the command is words
  if output=$(chroot "$image" /emulator $command 2>&1); then
    echo "$command: $(echo "$output" | head -n 1 | cut -c1-60)"
  else
    echo "$command ended with $?: $output" >&2
    exit 1
  fi
done
