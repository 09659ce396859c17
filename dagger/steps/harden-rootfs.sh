#!/bin/sh
# Takes from a root file system what no service needs and an attacker might use: programs that run as their owner, and
# places outside of the declared ones that everybody may write to.
# Usage: harden-rootfs.sh ROOT
set -eu

find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +
find "$1" -xdev \( -type f -o -type d \) -perm -0002 ! -path "${1%/}/tmp" -exec chmod o-w {} +
