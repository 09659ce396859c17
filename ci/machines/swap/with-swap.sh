#!/bin/sh
# Runs a command while this machine has swap, and turns it off again whatever happens, also when this script is killed. Run as root.
# Usage: with-swap.sh COMMAND...   Exit code: the command's, or 77 where no swap can be had, with the reason.
set -u

mebibytes=1024
folder=$(mktemp -d /var/tmp/ms-swap.XXXXXX) && mkfifo "$folder/held" || exit 77
file=$folder/swap

# In a session of its own, so that no signal to us ends it: it reads until we have ended, however that is.
setsid sh -c 'cat "$1/held" >/dev/null; if grep -q "^$1/" /proc/swaps; then swapoff "$1/swap"; fi && rm -rf "$1"' sh "$folder" &
guard=$!
exec 9>"$folder/held"

# Written in full: the kernel takes no swap file with holes.
makes_swap() {
  dd if=/dev/zero of="$file" bs=1M count="$mebibytes" status=none && chmod 600 "$file" && mkswap "$file" >/dev/null && swapon "$file"
} 9>&-

if makes_swap; then
  "$@" 9>&- &
  child=$!
  trap 'kill "$child" 2>/dev/null' TERM INT HUP
  wait "$child"
  code=$?
else
  echo "not run: this machine takes no swap file"
  code=77
fi
exec 9>&-
wait "$guard"
exit "$code"
