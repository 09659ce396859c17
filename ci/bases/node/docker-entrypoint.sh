#!/bin/sh
# Options, or a first word that is no command, are meant for node.
set -eu
case "${1:-}" in
-*) set -- node "$@" ;;
*) command -v "${1:-}" >/dev/null 2>&1 || set -- node "$@" ;;
esac
exec "$@"
