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

file_of() { # what a path means in FROM: a link with a full path begins there, and not at our own root
  path=$1
  while [ -L "$from$path" ]; do
    target=$(readlink "$from$path")
    case $target in /*) path=$target ;; *) path=$(dirname "$path")/$target ;; esac
  done
  echo "$from$path"
}

copy() { # with what it loads, under the path under which the loader looks for it; links become files
  if [ -e "$root$1" ]; then return; fi
  mkdir -p "$root$(dirname "$1")"
  cp "$(file_of "$1")" "$root$1"
  for name in $(readelf -d "$root$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
    # The loader is a library to some, and has a path of its own.
    if [ "$name" != "${loader##*/}" ]; then (copy "$libraries/$name"); fi
  done
}

loader=$(readelf -l "$(file_of "$program")" | sed -n 's/.*interpreter: \(.*\)\]$/\1/p')
copy "$loader"
copy "$program"
