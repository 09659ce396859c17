#!/bin/sh
# Copies a root file system into a directory, without what a running container never reads.
# Usage: slim-rootfs.sh ROOT OUT
set -eu

out=$2
mkdir -p "$out"
cd "$1"
# What the engine mounts over its own root is of this build: its init, the names of its network.
mounted=/tmp/mounted
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
