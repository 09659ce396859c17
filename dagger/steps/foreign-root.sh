#!/bin/sh
# Turns a Debian root file system into the same one of another architecture, of which nothing runs here. What the packages
# shipped is replaced by what the same packages ship there; what their scripts made (accounts, certificates,
# alternatives) and /usr/share do not depend on the architecture and stay.
# Usage: foreign-root.sh ARCHITECTURE ROOT
set -eu

architecture=$1
root=$2
database=$root/var/lib/dpkg
native=$(dpkg --print-architecture)
work=$(mktemp -d)
cd "$work"

query() { dpkg-query --admindir="$database" "$@"; }

names_of() { # packages whose architecture makes the test of awk true
  query -W -f '${db:Status-Abbrev} ${Architecture} ${Package}\n' | awk "\$1 == \"ii\" && \$2 $1 \"all\" { print \$3 }"
}

remove_native() { # the lists name directories too, and links to some that were directories once
  for package in $(names_of !=); do
    query -L "$package" | while read -r path; do
      case $path in /usr/share/*) continue ;; esac
      if [ ! -d "$root$path" ]; then rm -f "$root$path"; fi
    done
    rm -f "$database/info/$package".* "$database/info/$package:$native".*
  done
  # Also what is made at installation: a cache of libraries' places, of character sets.
  rm -rf "$root/usr/lib/$(uname -m)-linux-gnu" "$root/etc/ld.so.cache"
}

unpack() { # a link to a directory that a package still knows as a directory stays
  dpkg-deb --fsys-tarfile "$1" | tar -xf - -C "$root" --keep-directory-symlink --exclude=./usr/share
}

record() {
  package=$(dpkg-deb -f "$1" Package)
  if [ "$(dpkg-deb -f "$1" Multi-Arch)" = same ]; then package=$package:$architecture; fi
  rm -rf control
  dpkg-deb -e "$1" control
  rm control/control
  for file in control/*; do
    if [ -f "$file" ]; then cp "$file" "$database/info/$package.${file#control/}"; fi
  done
  dpkg-deb --fsys-tarfile "$1" | tar -tf - | sed 's,^\.,,; s,\(.\)/$,\1,; s,^/$,/.,' >"$database/info/$package.list"
  dpkg-deb -f "$1" | sed '/^Package:/a Status: install ok installed'
  echo
}

dpkg --add-architecture "$architecture"
apt-get update -qq
names_of != | sed "s/\$/:$architecture/" | xargs apt-get download -qq
names_of == | while read -r package; do
  query -s "$package"
  echo
done >status
remove_native
for archive in *.deb; do unpack "$archive"; done
for archive in *.deb; do record "$archive"; done >>status
mv status "$database/status"
rm -f "$database/arch" "$database"/*-old
