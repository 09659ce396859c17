/** A group of the machine's hierarchy of version 2, which machines of version 1 have too, with at least one controller. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HELPER = fileURLToPath(new URL("hand-down-once.ts", import.meta.url));
const TSX = `${ROOT}/node_modules/tsx/dist/cli.mjs`;
const RUN_MS = 100_000;

/** Variables of a script below. */
const GROUP = "$group";
const CONTROLLER = "$controller";

/** Words of a script that call `handDown` for a group, by default the one that the script's shell is in. */
export function handDownCall(group: string = GROUP, controller: string = CONTROLLER): string {
  return `"${process.execPath}" "${TSX}" "${HELPER}" "${group}" "${controller}"`;
}

// The mounts end with their namespace; the group is emptied and removed however the script ends.
const ENTER = `
mount -t tmpfs tmpfs /mnt; mkdir /mnt/v2; mount -t cgroup2 none /mnt/v2; top=/mnt/v2
controller=$(cat $top/cgroup.subtree_control $top/cgroup.controllers | tr ' ' '\\n' | head -n 1)
if [ -z "$controller" ]; then echo "no controller is free for version 2" >&2; exit 3; fi
enabled=no
case " $(cat $top/cgroup.subtree_control) " in *" $controller "*) enabled=before;; esac
echo "+$controller" > $top/cgroup.subtree_control
group=$top/mistersmith-test-$$; mkdir $group; home=$top$(sed -n 's/^0:://p' /proc/self/cgroup)
leave() {
  echo $$ > $home/cgroup.procs
  echo 1 > $group/cgroup.kill
  while grep -q 'populated 1' $group/cgroup.events; do :; done
  find $group -depth -type d -exec rmdir {} +
  [ $enabled = before ] || echo "-$controller" > $top/cgroup.subtree_control || true
}
trap leave EXIT
echo $$ > $group/cgroup.procs
`;

/** How a script ended. */
export interface ScriptResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a shell script inside of a new group: `$group` is its directory, `$controller` a controller that it has,
 * `$top` the hierarchy's root. Exit code 3 says that the machine has no controller for version 2.
 */
export function inNewGroup(script: string): ScriptResult {
  const args = ["--mount", "--propagation", "private", "sh", "-euc", `${ENTER}${script}`];
  const { status, stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", timeout: RUN_MS });
  return { code: status ?? 255, stdout, stderr };
}
