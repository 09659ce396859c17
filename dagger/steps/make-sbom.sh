#!/bin/sh
# Writes the bill of materials of an image as SPDX 2.3.
# Usage: make-sbom.sh LAYOUT OUT
# Licences of Go modules are taken from GO_LICENCES, a directory like Go's module cache, if it is set.
set -eu

export SYFT_CHECK_FOR_APP_UPDATE=false
# Packages are what is looked up later; thousands of files of the distribution would hide them.
export SYFT_FILE_METADATA_SELECTION=none
if [ -n "${GO_LICENCES:-}" ]; then
  export SYFT_GOLANG_SEARCH_LOCAL_MOD_CACHE_LICENSES=true
  export SYFT_GOLANG_LOCAL_MOD_CACHE_DIR="$GO_LICENCES"
fi
# These two read lock files, which an image does not have as a rule; ours come with the evidence.
exec syft scan "oci-dir:$1" --quiet \
  --select-catalogers "+javascript-lock-cataloger,+rust-cargo-lock-cataloger" \
  --output "spdx-json=$2"
