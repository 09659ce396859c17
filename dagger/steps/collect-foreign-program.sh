#!/bin/sh
# Like collect-program.sh, for a program that cannot run here: what it loads is read from the files.
# Usage: collect-foreign-program.sh FROM LIBRARIES PROGRAM ROOT
#   FROM       root file system that holds the program
#   LIBRARIES  directory of it in which the loader looks
set -eu

from=$1
libraries=$2
program=$3
root=$4

copy() { # with what it loads, under the path under which the loader looks for it; links become files
  if [ -e "$root$1" ]; then return; fi
  mkdir -p "$root$(dirname "$1")"
  cp -L "$from$1" "$root$1"
  for name in $(readelf -d "$from$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
    # The loader is a library to some, and has a path of its own.
    if [ "/lib/$name" != "$loader" ]; then (copy "$libraries/$name"); fi
  done
}

loader=$(readelf -l "$from$program" | sed -n 's/.*interpreter: \(.*\)\]$/\1/p')
copy "$loader"
copy "$program"
certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$from$certificates" ]; then
  mkdir -p "$root$(dirname "$certificates")"
  cp -L "$from$certificates" "$root$certificates"
fi
