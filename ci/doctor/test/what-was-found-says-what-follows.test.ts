import { describe, expect, it } from "vitest";
import { diskFinding } from "../disk.ts";
import { type DockerFacts, dockerFinding } from "../docker.ts";
import { diagnosisOf, type Finding, linesOf } from "../finding.ts";
import { type KernelFacts, kernelFindings } from "../kernel.ts";
import { authoritiesFinding, proxyFinding } from "../network.ts";
import { rightsFinding } from "../rights.ts";
import { type SystemFacts, systemFindings } from "../system.ts";
import { toolsFinding } from "../tools.ts";

it("the next step is that of the first finding that blocks, and there is one", () => {
  const findings: Finding[] = [
    { subject: "memory", found: "2 cores" },
    { subject: "disk", found: "1.0 GB free", next: "free room" },
    { subject: "engine", found: "none", follows: "nothing runs", next: "start Docker" },
  ];
  expect(linesOf(diagnosisOf(findings)).slice(2)).toEqual([
    "ok    memory        2 cores",
    "STOP  disk          1.0 GB free",
    "STOP  engine        none",
    "                    -> nothing runs",
    "",
    "Next: free room.",
  ]);
  expect(linesOf(diagnosisOf(findings.slice(0, 1))).at(-1)).toBe(
    "Nothing that was looked at blocks. Next: `make run`.",
  );
});

describe("the system", () => {
  const DEBIAN: SystemFacts = {
    platform: "linux",
    arch: "x64",
    kernel: "6.1.0-30-amd64",
    name: "Debian GNU/Linux 12 (bookworm)",
    cores: 4,
    memory: 16e9,
    swap: 0,
  };
  const first = (differences: Partial<SystemFacts>) => systemFindings({ ...DEBIAN, ...differences })[0];

  it("is told on two lines", () => {
    expect(systemFindings(DEBIAN)).toEqual([
      { subject: "system", found: "Debian GNU/Linux 12 (bookworm), kernel 6.1.0-30-amd64, x64" },
      { subject: "memory", found: "4 cores, 16.0 GB of memory, no swap" },
    ]);
    expect(systemFindings({ ...DEBIAN, swap: 2e9 })[1]?.found).toMatch(/2\.0 GB of swap$/);
  });

  it("under WSL is Linux; Windows itself blocks", () => {
    const kernel = "5.15.167.4-microsoft-standard-WSL2";
    expect(first({ kernel })).toEqual({
      subject: "system",
      found: expect.stringContaining("WSL2 (WSL), x64"),
    });
    expect(first({ platform: "win32", name: "" })?.next).toContain("WSL");
  });

  it("of a Mac has images of its own; a processor without an engine blocks", () => {
    const mac = first({ platform: "darwin", arch: "arm64", kernel: "24.1.0", name: "" });
    expect(mac?.found).toBe("darwin, kernel 24.1.0, arm64");
    expect([mac?.follows, mac?.next]).toEqual([expect.stringContaining("linux/arm64"), undefined]);
    expect(first({ arch: "riscv64" })?.next).toContain("_EXPERIMENTAL_DAGGER_RUNNER_HOST");
  });
});

describe("the kernel", () => {
  const NONE: KernelFacts = { controllers: "", cgroups: "", lsm: "", selinux: "" };
  const V1 = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t2\t1\nmemory\t0\t1\t0\npids\t3\t4\t1\n";

  it("of version 2 has controllers by name", () => {
    const [cgroup] = kernelFindings({ ...NONE, controllers: "cpuset cpu io memory pids\n" });
    expect(cgroup).toEqual({ subject: "cgroup", found: "version 2: cpuset cpu io memory pids" });
  });

  it("without a controller cannot limit", () => {
    const [cgroup] = kernelFindings({ ...NONE, cgroups: V1 });
    expect(cgroup?.found).toBe("version 1: cpu pids");
    expect(cgroup?.follows).toMatch(/^limits of memory cannot be set here/);
  });

  it("tells its security modules", () => {
    const facts = { ...NONE, cgroups: V1, lsm: "lockdown,yama,landlock,selinux", selinux: "1" };
    expect(kernelFindings(facts)[1]?.found).toBe(
      "lockdown yama landlock selinux; Landlock on; SELinux enforcing",
    );
  });

  it("of another system is not spoken of", () => {
    expect(kernelFindings(NONE)).toEqual([]);
  });
});

describe("a disk", () => {
  const DISK = { subject: "state folder", path: "/state", free: 100e9, files: 1e6, writable: true };

  it.each([
    [{}, { follows: false, next: false }],
    [{ free: 10e9 }, { follows: true, next: false }],
    [{ free: 1e9 }, { follows: false, next: true }],
    [{ files: 12 }, { follows: false, next: true }],
    [{ files: undefined }, { follows: false, next: false }],
    [{ writable: false }, { follows: false, next: true }],
  ])("with %o says what follows", (differences, { follows, next }) => {
    const finding = diskFinding({ ...DISK, ...differences }, true);
    expect([finding.follows !== undefined, finding.next !== undefined]).toEqual([follows, next]);
  });

  it("of Docker's need not be ours to write", () => {
    expect(diskFinding({ ...DISK, writable: false }, false).next).toBeUndefined();
  });
});

describe("Docker", () => {
  const ANSWERS: DockerFacts = {
    client: "Docker version 28.2.2, build e6534b4",
    context: "default",
    daemon: { kind: "answers", words: "", isDefaultSocket: false },
    info: {
      ServerVersion: "20.10.24",
      Driver: "overlay2",
      CgroupVersion: "1",
      OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
      Architecture: "x86_64",
      SecurityOptions: ["name=seccomp,profile=default"],
    },
    env: {},
  };

  it("is told on one line", () => {
    expect(dockerFinding(ANSWERS)).toEqual({
      subject: "Docker",
      found:
        "client 28.2.2, context default, server 20.10.24 on Debian GNU/Linux 12 (bookworm), x86_64, overlay2, cgroup v1",
    });
  });

  it("without rights of root, or with a VM of its own, is another Docker", () => {
    const rootless = { ...ANSWERS.info, SecurityOptions: ["name=seccomp", "name=rootless", "name=cgroupns"] };
    expect(dockerFinding({ ...ANSWERS, info: rootless })).toMatchObject({
      found: expect.stringContaining("rootless"),
      follows: expect.stringContaining("delegated"),
    });
    const desktop = { ...ANSWERS.info, OperatingSystem: "Docker Desktop" };
    expect(dockerFinding({ ...ANSWERS, info: desktop }).follows).toContain("its own VM");
  });

  it("that does not answer, or with half an answer, is told all the same", () => {
    const daemon = { kind: "stopped", words: "", isDefaultSocket: true } as const;
    expect(dockerFinding({ ...ANSWERS, daemon, info: {} }).found).toBe(
      "client 28.2.2, context default, daemon stopped",
    );
    expect(dockerFinding({ ...ANSWERS, info: {}, context: undefined }).found).toContain(
      "server unknown on an unknown system",
    );
    const missing = { ...ANSWERS, client: undefined, daemon: { ...daemon, kind: "missing" } as const };
    expect(dockerFinding(missing).found).toBe("no docker command");
  });

  it("elsewhere is told without its address", () => {
    const env = { DOCKER_HOST: "ssh://ada@build.example.com" };
    expect(dockerFinding({ ...ANSWERS, env }).found).toContain("client 28.2.2, DOCKER_HOST (ssh), server");
  });
});

it("a person without root is told what Docker must do", () => {
  expect(rightsFinding({ uid: 0, groups: [], umask: 0o22 })).toEqual({
    subject: "rights",
    found: "root, umask 022",
  });
  expect(rightsFinding({ uid: 1000, groups: ["ada", "docker"], umask: 0o77 })).toEqual({
    subject: "rights",
    found: "no root, in group docker, umask 077",
    follows: expect.stringContaining("registry"),
  });
});

it("proxies are named and not shown; one that a container cannot reach has its code", () => {
  expect(proxyFinding({}).found).toBe("none in the environment");
  const good = proxyFinding({ https_proxy: "http://me:pa55@10.0.0.1:3128", NO_PROXY: "localhost" });
  expect(good.found).toBe("https_proxy, NO_PROXY set");
  expect(JSON.stringify(good)).not.toContain("pa55");
  const loop = proxyFinding({ HTTP_PROXY: "http://me:pa55@127.0.0.1:3128" });
  expect(loop.follows).toMatch(/^MS-ENGINE-019 /);
  expect(JSON.stringify(loop)).not.toContain("pa55");
});

it("authorities are counted", () => {
  expect(authoritiesFinding(() => []).found).toBe("none beyond the usual ones");
  expect(authoritiesFinding(() => ["a", "b"]).found).toBe("2 beyond the usual ones");
});

it("programs that are missing are named with what follows; a strange answer is not taken for a version", () => {
  const all = {
    node: "v24.1.0",
    npm: "11.0.0",
    git: "git version 2.39.5",
    make: "GNU Make 3.81\nCopyright",
    compose: "2.40.3",
  };
  const { found, follows } = toolsFinding({
    ...all,
    go: "go version go1.25.0 linux/amd64",
    cargo: undefined,
  });
  expect(found).toBe("node 24.1.0, npm 11.0.0, git 2.39.5, make 3.81, go 1.25.0, cargo none, compose 2.40.3");
  expect(follows).toBe("without cargo: `make check` leaves out what is of Rust");
  expect(toolsFinding({ ...all, go: "a board game", cargo: "cargo 1.95.0" }).found).toContain(
    "go of no version",
  );
});
