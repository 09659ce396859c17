#!/bin/sh
# Gives an image of Rust what the public slim one has: rustup, its minimal profile, and on the PATH the name of every component,
# which fails until rustup has added the component. What is added was there before, so nothing is downloaded.
# Usage: like-public-rust.sh
set -eu

home=/usr/local/cargo/bin
if [ -e "$home/rustup" ]; then exit 0; fi
toolchain=$(rustc --print sysroot)
mkdir "$toolchain/components"

proxy() { # NAME
  rm "$home/$1"
  cat >"$home/$1" <<END
#!/bin/sh
if [ -x "$toolchain/bin/$1" ]; then exec "$toolchain/bin/$1" "\$@"; fi
echo "error: '$1' is not installed for the toolchain '${toolchain##*/}'." >&2
exit 1
END
  chmod 755 "$home/$1"
}

for name in cargo-clippy clippy-driver cargo-fmt rustfmt; do
  mv "$toolchain/bin/$name" "$toolchain/components/$name"
  proxy "$name"
done
cat >"$home/rustup" <<END
#!/bin/sh
if [ "\$1 \$2" != "component add" ]; then
  echo "error: this rustup knows \\\`component add\\\` only" >&2
  exit 1
fi
shift 2
for component in "\$@"; do
  case \$component in
    clippy) names="cargo-clippy clippy-driver" ;;
    rustfmt) names="cargo-fmt rustfmt" ;;
    *) echo "error: toolchain '${toolchain##*/}' does not contain component '\$component'" >&2; exit 1 ;;
  esac
  for name in \$names; do
    if [ -e "$toolchain/components/\$name" ]; then mv "$toolchain/components/\$name" "$toolchain/bin/\$name"; fi
  done
done
END
chmod 755 "$home/rustup"
