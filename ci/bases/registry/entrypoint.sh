#!/bin/sh
# A configuration file is served; a command of the registry, or an option, goes to it.
set -eu
case "${1:-}" in
*.yaml | *.yml) set -- registry serve "$@" ;;
serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
