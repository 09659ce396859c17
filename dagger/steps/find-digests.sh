#!/bin/sh
# Says which digest a registry holds under each reference: "reference digest" or "reference absent" per line.
# Usage: find-digests.sh CRANE-OPTIONS REFERENCE...
set -eu

options=$1
shift
for reference in "$@"; do
  # shellcheck disable=SC2086 # the options are words
  if digest=$(crane digest $options "$reference" 2>/tmp/error); then
    echo "$reference $digest"
  elif grep -qE 'MANIFEST_UNKNOWN|NAME_UNKNOWN|404 Not Found' /tmp/error; then
    echo "$reference absent"
  else
    cat /tmp/error >&2
    exit 1
  fi
done
