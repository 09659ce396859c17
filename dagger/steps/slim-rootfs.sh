#!/bin/sh
# Copies a root file system into a directory, without what a running container never reads.
# A hidden file in the root is the init that the engine gives to a step.
# Usage: slim-rootfs.sh ROOT OUT
set -eu

out=$2
mkdir -p "$out"
cd "$1"
tar -cf - --one-file-system \
  --exclude="./${out#/}" --exclude=./steps --exclude=./.init --exclude=./proc --exclude=./sys --exclude=./dev --exclude=./run --exclude=./tmp \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
  --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*' --exclude='./usr/lib/locale/*' \
  --exclude='./usr/share/bash-completion' --exclude='./usr/share/zsh' --exclude='./usr/share/lintian' \
  --exclude='./var/lib/apt/*' --exclude='./var/cache/*' --exclude='./var/log/*' --exclude='./usr/lib/apt' \
  --exclude='./usr/bin/apt*' --exclude='./usr/lib/*-linux-gnu/libapt-*' \
  --exclude='./usr/lib/*-linux-gnu/gconv' --exclude='./usr/share/zoneinfo/right' \
  . | tar -xf - -C "$out"
for directory in proc sys dev run; do mkdir -p "$out/$directory"; done
