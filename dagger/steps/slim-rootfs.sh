#!/bin/sh
# Copies a root file system into a directory, without what a running container never reads.
# Usage: slim-rootfs.sh ROOT OUT
#   ROOT  not the root of this step: while a step runs, the engine adds the authorities of its machine there
set -eu

if [ "$(stat -L -c %d:%i "$1")" = "$(stat -L -c %d:%i /)" ]; then
  echo "slim-rootfs.sh: $1 is the root of this step, which holds what the engine adds while it runs" >&2
  exit 64
fi
out=$2
mkdir -p "$out"
cd "$1"
# Of what the engine mounts over a root the mount points may be left: its init, the names of its network.
mounted=$(mktemp)
while read -r _ _ _ _ point _; do
  if [ "$point" != / ]; then echo ".$point"; fi
done </proc/self/mountinfo >"$mounted"
tar -cf - --exclude-from="$mounted" \
  --exclude="./${out#/}" --exclude=./steps --exclude=./run --exclude=./tmp \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
  --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*' --exclude='./usr/lib/locale/*' \
  --exclude='./usr/share/bash-completion' --exclude='./usr/share/zsh' --exclude='./usr/share/lintian' \
  --exclude='./var/lib/apt/*' --exclude='./var/cache/*' --exclude='./var/log/*' --exclude='./usr/lib/apt' \
  --exclude='./usr/bin/apt*' --exclude='./usr/lib/*-linux-gnu/libapt-*' \
  --exclude='./usr/lib/*-linux-gnu/gconv' --exclude='./usr/share/zoneinfo/right' \
  . | tar -xf - -C "$out"
for directory in proc sys dev run; do mkdir -p "$out/$directory"; done
# A runtime mounts its own over these two; without one, localhost has to have an address.
printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n' >"$out/etc/hosts"
: >"$out/etc/resolv.conf"
