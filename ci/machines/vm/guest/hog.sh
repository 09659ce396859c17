# Runs in a step of the graph: makes a group with a limit below its own, and takes more memory in it than it may.
set -eu
cd /sys/fs/cgroup
mkdir leaf limited
while read -r pid; do echo "$pid" >leaf/cgroup.procs || true; done <cgroup.procs
echo +memory >cgroup.subtree_control
echo 32M >limited/memory.max
echo 0 >limited/memory.swap.max
code=0
# The pipe's reader keeps what has no end of line.
sh -c 'echo $$ >limited/cgroup.procs; busybox head -c 64m /dev/zero | busybox tail -n 1 >/dev/null' || code=$?
echo "{\"code\": $code, \"oomKills\": $(busybox awk '$1 == "oom_kill" { print $2 }' limited/memory.events)}"
