/** Errors of what checks the project: styles, docs, checklist, faults, report. */
import { CodedError } from "./coded-error.ts";

const NEXT = {
  "MS-CHECK-001": "give one of the modes named",
  "MS-CHECK-002": "run `make docs` and commit it",
  "MS-CHECK-003": "give the newer one a new number",
  "MS-CHECK-004": "run `make setup`",
  "MS-CHECK-010": "mount the image's root file system there",
  "MS-CHECK-011": "write it beside the root file system",
  "MS-CHECK-012": "run ci/checklist/main.ts, which sets it",
  "MS-CHECK-013": "add it to ci/checklist/requirements.yaml",
  "MS-CHECK-014": "give numbers from 1 to 7, for example 1,4",
  "MS-CHECK-016": "install runc, iproute2 and util-linux",
  "MS-CHECK-017": "run it as root",
  "MS-CHECK-020": "give limitBytes, or budgets.imageBytes in the service's spec",
  "MS-CHECK-021": "make the file again",
  "MS-CHECK-022": "call it as the usage says",
  "MS-CHECK-050": "correct the file; ci/machines/README.md shows one",
  "MS-CHECK-051": "give names of the table, or none for all that can be run",
  "MS-CHECK-052": "read what the program said; the world is played as root on Linux",
  "MS-CHECK-035":
    "run it on Linux with Docker Engine, or let CI do it; `make run` and `make stack` work here",
  "MS-CHECK-036":
    'run `make setup`, then `sudo -E env PATH="$PATH" HOME="$HOME" make test-compose`: with your home, Docker and variables',
  "MS-CHECK-030": "give a port, for example `make registry PORT=5001`",
  "MS-CHECK-031": "give another one, for example `make registry PORT=5001`",
  "MS-CHECK-032":
    "install it (Rust with rustfmt and clippy, or Go), or leave it to `make test`, whose containers bring it",
  "MS-CHECK-040":
    "give it control groups of its own, for example by `docker run --privileged --cgroupns private`, and start it in the container's own PID namespace",
  "MS-CHECK-041":
    "enable them in cgroup.subtree_control of the group above, or boot the kernel without cgroup_disable",
  "MS-CHECK-042": "run it in a group of the type domain, for example in a container of its own",
  "MS-CHECK-043": "run it where /sys/fs/cgroup can be written, for example by `docker run --privileged`",
  "MS-CHECK-044": "boot the kernel with swapaccount=1, or turn swap off: `swapoff --all`",
  "MS-CHECK-045": "run `apt-get install --no-install-recommends qemu-system-x86 mmdebstrap e2fsprogs skopeo`",
  "MS-CHECK-046": "read the console's log, or give it more time by --minutes",
  "MS-CHECK-047": "read the lines above; `dagger call test-integration` shows whether the images build",
  "MS-CHECK-048": "leave it out on a machine as usual, or give a number in the range, for example 10",
  "MS-CHECK-049": "give the minutes after which the machine is ended, for example 90",
} as const;

/** Code of such an error; the catalogue is services/contracts/errors.yaml. */
export type CheckErrorCode = keyof typeof NEXT;

/** All codes with their next step, for the test that compares them with the catalogue. */
export const CHECK_ERRORS: Readonly<Record<CheckErrorCode, string>> = NEXT;

/** Its message carries code, cause and next step. */
export class CheckError extends CodedError<CheckErrorCode> {
  constructor(code: CheckErrorCode, cause: string) {
    super(NEXT, code, cause);
  }
}
