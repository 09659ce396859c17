/** On a real hierarchy of version 2: the zeros of foreign processes and EBUSY are the kernel's, no fake shows them. */
import { describe, expect, it } from "vitest";
import { handDownCall, inNewGroup } from "./private-hierarchy.ts";

const SLEEPER = "sleep 600 &";
const STATE =
  'echo "left: $(cat $group/cgroup.procs | wc -w), enabled: $(cat $group/cgroup.subtree_control)"';
const DONE = /left: 0, enabled: \w+/;

describe("a group with processes in it", () => {
  it("hands its controllers down when it is asked from their PID namespace", () => {
    const { stdout, stderr } = inNewGroup(`${SLEEPER}\n${handDownCall()}\n${STATE}`);
    expect(stderr).toBe("");
    expect(stdout).toMatch(DONE);
  });

  it("does so for the second time, and for two at once", () => {
    const call = handDownCall();
    const script = `${SLEEPER}\n${call} & first=$!; ${call} & wait $first; wait $!\n${call}\n${STATE}`;
    const { stdout } = inNewGroup(script);
    expect(stdout.match(/handed down/g)).toHaveLength(3);
    expect(stdout).toMatch(DONE);
  });

  it("does so while processes start in it again and again", () => {
    const starter = `sh -c 'while :; do echo 0 > '$group'/cgroup.procs; /bin/true; done' 2> /dev/null &`;
    const { stdout } = inNewGroup(`${starter}\n${handDownCall()}\n${STATE}`);
    expect(stdout).toMatch(DONE);
  });

  it("is refused from inside of another PID namespace, and says that it is for that", () => {
    const { stdout } = inNewGroup(`${SLEEPER}\nunshare --pid --fork ${handDownCall()} || true\n${STATE}`);
    expect(stdout).toMatch(
      /MS-CHECK-040 \S+ does not become empty, in it stay [1-9]\d* of another PID namespace\. Next: give it/,
    );
    expect(stdout).toMatch(/left: [1-9]\d*, enabled: \n/);
  });

  it("moves nobody who is not in it", () => {
    const places = `${handDownCall()}; mkdir $group/full $group/other; ${SLEEPER} echo $! > $group/full/cgroup.procs`;
    const call = handDownCall("$group/full");
    const { stdout } = inNewGroup(
      `${places}\necho $$ > $group/other/cgroup.procs\nunshare --pid --fork ${call} || true`,
    );
    expect(stdout).toMatch(/MS-CHECK-040 \S+\/full does not become empty/);
    expect(stdout.trim()).toMatch(/\/other$/);
  });
});

describe("a group that cannot", () => {
  it("says which controllers it has not", () => {
    const { stdout } = inNewGroup(handDownCall("$group", "nonesuch"));
    expect(stdout).toMatch(/MS-CHECK-041 \S+ cannot limit nonesuch: it has \w+/);
  });

  it("says that it is a group of threads", () => {
    const { stdout } = inNewGroup(
      `mkdir $group/t; echo threaded > $group/t/cgroup.type\n${handDownCall("$group/t")}`,
    );
    expect(stdout).toMatch(/MS-CHECK-042 \S+ is of the type "threaded"/);
  });

  it("says that it cannot be written", () => {
    const { stdout } = inNewGroup(
      `mount -o remount,bind,ro $top\n${handDownCall()} || true\nmount -o remount,bind,rw $top`,
    );
    expect(stdout).toMatch(/MS-CHECK-043 \S+: EROFS/);
  });
});
