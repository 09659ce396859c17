#!/bin/sh
# Looks up the packages of a bill of materials in a vulnerability database.
# Usage: scan-sbom.sh SBOM OUT
# OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY holds the database (osv-scalibr/ECOSYSTEM/all.zip); with DOWNLOAD=1 the scanner
# fetches it there first. OUT gets findings.json and status, the scanner's exit code: 0 none, 1 some, 127 no database.
set -u

mkdir -p "$2"
options=--offline
if [ "${DOWNLOAD:-}" = 1 ]; then options="--offline-vulnerabilities --download-offline-databases"; fi
# shellcheck disable=SC2086 # the options are words
osv-scanner scan source $options --format json --output-file "$2/findings.json" -L "$1" >"$2/log" 2>&1
echo $? >"$2/status"
