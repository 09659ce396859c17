#!/bin/sh
# Copies a program with the shared libraries it loads into an empty root.
# Usage: collect-program.sh PROGRAM ROOT
set -eu

program=$1
root=$2

copy() { # keeps the path under which the loader looks for the file; links become files
  mkdir -p "$root$(dirname "$1")"
  cp -L "$1" "$root$1"
}

copy "$program"
# ldd names each library as "name => /path (address)", the loader as "/path (address)".
ldd "$program" | grep -o '/[^ ]*' | sort -u | while read -r library; do copy "$library"; done
