#!/bin/sh
# Runs a command while this machine has swap, and turns it off again whatever happens. Run as root.
# Usage: with-swap.sh COMMAND...   Exit code: the command's, or 77 where no swap can be had, with the reason.
set -u

mebibytes=1024
file=$(mktemp /var/tmp/ms-swap.XXXXXX) || exit 77
child=

off() {
  if [ -n "$child" ]; then kill "$child" 2>/dev/null; fi
  if grep -q "^$file " /proc/swaps && ! swapoff "$file"; then
    echo "swap stays on: turn it off by \`swapoff $file\` and remove the file" >&2
    return
  fi
  rm -f "$file"
}
trap off EXIT
trap 'exit 143' TERM INT HUP

not_run() {
  echo "not run: $*"
  exit 77
}

# Written in full: the kernel takes no swap file with holes.
dd if=/dev/zero of="$file" bs=1M count="$mebibytes" status=none || not_run "no room for $mebibytes MiB in /var/tmp"
chmod 600 "$file"
mkswap "$file" >/dev/null || not_run "mkswap refuses $file"
swapon "$file" || not_run "this machine takes no swap file"
"$@" &
child=$!
wait "$child"
code=$?
child=
exit "$code"
