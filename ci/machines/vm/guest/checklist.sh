#!/bin/sh
# The checklist in a privileged container with control groups of its own, as an engine runs it. Its root is on the data
# disk, where it was unpacked outside: the image is made of mount points only, so that nothing is copied in here.
set -eu
. /data/job.env

image=/data/image
mkdir -p "$image"
set --
for entry in /data/root/*; do
  name=$(basename "$entry")
  case $name in proc | sys | dev) continue ;; esac
  if [ -L "$entry" ]; then
    cp -P "$entry" "$image/$name"
  else
    mkdir -p "$image/$name"
    set -- "$@" --volume "$entry:/$name"
  fi
done
tar -C "$image" -c . | docker import - checklist
exec docker run --rm --privileged --cgroupns private --network none --workdir /src \
  --volume /data/out:/out --env OUT_DIR=/out/checklist --env CHECKLIST_PATIENCE=1 --env "CHECKLIST_SLOWNESS=$SLOWNESS" "$@" \
  checklist /usr/local/bin/node node_modules/tsx/dist/cli.mjs ci/checklist/main.ts --rows "$ROWS"
