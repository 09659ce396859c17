import { expect, it } from "vitest";
import { type DaemonFacts, type HostFacts, refuseDaemon, refuseHost } from "../support/machine.ts";

const host: HostFacts = { platform: "linux", release: "6.1.0-40-amd64", uid: 0 };
const daemon: DaemonFacts = {
  OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
  KernelVersion: "6.1.0-40-amd64",
  SecurityOptions: ["name=seccomp,profile=builtin", "name=cgroupns"],
};

it("root on Linux with an engine of its own", () => {
  refuseHost(host);
  refuseDaemon(daemon, host);
  refuseDaemon({ ...daemon, SecurityOptions: null }, host);
});

it("another user is told how to keep home, PATH and Docker", () => {
  expect(() => refuseHost({ ...host, uid: 1000 })).toThrow(
    'MS-CHECK-036 it is run by user 1000. Next: run `make setup`, then `sudo -E env PATH="$PATH" HOME="$HOME" make test-compose`',
  );
});

it.each([
  ["a Mac", { platform: "darwin" }, {}, "this is darwin"],
  [
    "Docker Desktop",
    {},
    { OperatingSystem: "Docker Desktop" },
    "Docker Desktop runs containers in a virtual machine",
  ],
  [
    "a virtual machine of another make",
    {},
    { KernelVersion: "6.8.0-64-generic" },
    "Docker's kernel is 6.8.0-64-generic, this machine's is 6.1.0-40-amd64",
  ],
  [
    "a daemon without root",
    {},
    { SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless"] },
    "Docker runs without root",
  ],
] as const)("%s", (_, hostPart, daemonPart, cause) => {
  const here = { ...host, ...hostPart };
  const refuse = () => {
    refuseHost(here);
    refuseDaemon({ ...daemon, ...daemonPart }, here);
  };
  expect(refuse).toThrow(`MS-CHECK-035 ${cause}`);
  expect(refuse).toThrow(/`make run` and `make stack` work here\.$/);
});
