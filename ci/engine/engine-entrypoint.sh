#!/bin/sh
# Starts the engine, in the place of PID 1. Under control groups of version 2 its own group first has to hand its controllers
# down, or no container that the engine starts could set limits: that group must be empty, so we move to one below it.
# Version 1 needs nothing of that, and neither does the root of the machine's hierarchy, the only group without a type.
set -eu

group=/sys/fs/cgroup
if [ -e "$group/cgroup.type" ] && [ -w "$group/cgroup.procs" ]; then
  mkdir -p "$group/engine"
  while read -r pid; do
    # It may have ended in between.
    echo "$pid" >"$group/engine/cgroup.procs" || true
  done <"$group/cgroup.procs"
  read -r controllers <"$group/cgroup.controllers"
  for controller in $controllers; do
    # One by one: the kernel may refuse one of them, cpu while a real-time process runs.
    echo "+$controller" >"$group/cgroup.subtree_control" || echo "note: no limits of $controller" >&2
  done
fi
exec tini -- dagger-engine --oci-cni-binary-dir /opt/cni/bin "$@"
