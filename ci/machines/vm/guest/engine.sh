#!/bin/sh
# The stand-in engine in this Docker, and in it a step that limits the memory of a hog, as the checklist's containers do.
set -eu
. /data/job.env

docker load --input /data/engine.tar
# shellcheck disable=SC2086 # The options are words.
docker run --detach --name "$ENGINE_NAME" $ENGINE_OPTIONS "$ENGINE_IMAGE"

hog=/data/hog
mkdir -p "$hog/bin"
cp /usr/bin/busybox "$hog/bin/busybox"
ln -s busybox "$hog/bin/sh"
cp /data/hog.sh "$hog/hog.sh"
tar -C "$hog" -c . | docker import - hog
docker save --output /data/hog.tar hog

export HOME=/root DAGGER_NO_NAG=1 DO_NOT_TRACK=1
code=0
/data/dagger --progress plain core container import --source /data/hog.tar \
  with-exec --args /bin/sh,/hog.sh --insecure-root-capabilities stdout >/data/out/engine.json || code=$?
docker logs "$ENGINE_NAME" 2>&1 | tail -n 50
exit "$code"
