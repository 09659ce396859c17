#!/bin/sh
# Runs in the virtual machine. /data is the data disk: what is run comes with it, and everything that is found goes to
# /data/out, from where the machine outside reads it after this one has ended. PARTS, ROWS and SLOWNESS are in job.env.
set -u
. /data/job.env
out=/data/out
mkdir -p "$out"

uptime_seconds() { cut -d. -f1 /proc/uptime; }

# One part: its output in a log, how long it took in one file for all.
part() {
  begun=$(uptime_seconds)
  echo "== $1, $begun s after the start"
  sh "/data/$1.sh" >"$out/$1.log" 2>&1
  code=$?
  echo "$1 $code $(($(uptime_seconds) - begun))" >>"$out/parts"
  sync
}

swapon LABEL=swap
echo "start 0 $(uptime_seconds)" >"$out/parts"
{
  echo "kernel=$(uname -r)"
  echo "controllers=$(cat /sys/fs/cgroup/cgroup.controllers)"
  echo "docker=$(docker version --format '{{.Server.Version}}')"
  echo "groups=$(docker info --format '{{.CgroupVersion}} {{.CgroupDriver}}')"
  echo "swapKiB=$(awk 'NR > 1 { sum += $3 } END { print sum + 0 }' /proc/swaps)"
  echo "init=$(cat /proc/1/comm)"
} >"$out/facts"
for name in $PARTS; do part "$name"; done
