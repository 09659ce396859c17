import { expect, it } from "vitest";
import { controlGroupOptions } from "../control-group-options.ts";

it("a privileged container has groups of its own under version 2, whatever the daemon's default is", () => {
  expect(controlGroupOptions(2, true)).toEqual(["--cgroupns", "private"]);
});

it("without them it is given the machine's", () => {
  const machine = ["--cgroupns", "host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup"];
  expect(controlGroupOptions(1, true)).toEqual(machine);
  expect(controlGroupOptions(1, false)).toEqual(machine);
  expect(controlGroupOptions(2, false)).toEqual(machine);
});
