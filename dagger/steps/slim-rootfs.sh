#!/bin/sh
# Copies this root file system into a directory, without what a running container never reads.
# A hidden file in the root is the init that the engine gives to a step.
# Usage: slim-rootfs.sh OUT
set -eu

mkdir -p "$1"
cd /
tar -cf - --one-file-system \
  --exclude="./${1#/}" --exclude=./steps --exclude=./.init --exclude=./proc --exclude=./sys --exclude=./dev --exclude=./run --exclude=./tmp \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
  --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*' --exclude='./usr/lib/locale/*' \
  --exclude='./usr/share/bash-completion' --exclude='./usr/share/zsh' --exclude='./usr/share/lintian' \
  --exclude='./var/lib/apt/*' --exclude='./var/cache/*' --exclude='./var/log/*' --exclude='./usr/lib/apt' \
  --exclude='./usr/bin/apt*' --exclude='./usr/lib/x86_64-linux-gnu/libapt-*' \
  --exclude='./usr/lib/x86_64-linux-gnu/gconv' --exclude='./usr/share/zoneinfo/right' \
  . | tar -xf - -C "$1"
for directory in proc sys dev run; do mkdir -p "$1/$directory"; done
