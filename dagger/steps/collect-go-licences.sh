#!/bin/sh
# Copies the licence texts of the modules that the programs of this Go module are made of.
# Usage: collect-go-licences.sh OUT
set -eu

modules=$(go env GOMODCACHE)
mkdir -p "$1"
go list -deps -f '{{with .Module}}{{.Dir}}{{end}}' tool | sort -u | while read -r directory; do
  case $directory in
    "$modules"/*)
      target=$1/${directory#"$modules"/}
      mkdir -p "$target"
      find "$directory" -maxdepth 1 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' \) -exec cp {} "$target" \;
      ;;
  esac
done
