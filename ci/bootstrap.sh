#!/bin/sh
# The only step that cannot be TypeScript: makes sure that Node.js is there, then installs the npm packages.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "MS-ENGINE-010 $1. Next: install Node.js 20 or newer with npm, then run it again." >&2
  exit 1
}

if ! command -v npm >/dev/null 2>&1; then
  command -v apt-get >/dev/null 2>&1 || fail "there is no npm and no apt-get to install it with"
  apt-get update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nodejs npm >/dev/null ||
    fail "npm cannot be installed"
fi
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || fail "Node.js $major is too old"
npm ci --no-audit --no-fund --loglevel=error
