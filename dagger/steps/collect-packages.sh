#!/bin/sh
# Copies the package records of what owns some files, as an image without a package database would keep them.
# Usage: collect-packages.sh OUT FILE...
set -eu

out=$1
shift
mkdir -p "$out/etc" "$out/var/lib/dpkg/status.d"
cp -L /etc/os-release "$out/etc/os-release"
for file in "$@"; do
  # The package manager may know a file by the name that it had before /lib became a link.
  real=$(readlink -f "$file")
  owner=$(dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}" 2>/dev/null || true)
  if [ -n "$owner" ]; then echo "$owner" | cut -d: -f1; fi
done | sort -u | while read -r package; do
  dpkg-query -s "$package" >"$out/var/lib/dpkg/status.d/$package"
  copyright=/usr/share/doc/$package/copyright
  if [ -f "$copyright" ]; then
    mkdir -p "$out/usr/share/doc/$package"
    cp -L "$copyright" "$out$copyright"
  fi
done
