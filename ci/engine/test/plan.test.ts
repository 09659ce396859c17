import { describe, expect, it } from "vitest";
import { isAtLeast, versionIn } from "../dagger-version.ts";
import type { DaemonState, PullState } from "../docker-words.ts";
import { type Plan, type Probe, planFor } from "../plan.ts";

const WANTED = "v0.19.10";
const NEWER = "v0.20.1";

const daemon = (kind: DaemonState["kind"], isDefaultSocket = true): Partial<Probe> => ({
  docker: async () => ({ kind, words: "its words", isDefaultSocket }),
});
const pull = (kind: PullState["kind"]): Partial<Probe> => ({
  pullImage: async () => ({ kind, words: "its words", mayPass: false }),
});
const command = (version: string): Partial<Probe> => ({ commandVersion: async () => version });
const docker = daemon("answers");
/** A machine on which no stand-in can be built. */
const elsewhere: Partial<Probe> = { whyNoStandIn: () => "this is Ubuntu" };

/** A Debian machine of root without Docker, with the differences of a case. */
function machine(differences: Partial<Probe>): { probe: Probe; asked: string[] } {
  const asked: string[] = [];
  const nothing: Probe = {
    commandVersion: async () => undefined,
    chosenEngine: () => undefined,
    docker: async () => ({ kind: "missing", words: "", isDefaultSocket: true }),
    otherRuntime: async () => undefined,
    runningEngine: async () => undefined,
    localImage: async () => undefined,
    pullImage: async () => ({ kind: "unreachable", words: "no such host", mayPass: false }),
    whyNoStandIn: () => undefined,
    isDockerManaged: () => false,
  };
  const merged = { ...nothing, ...differences };
  const names = Object.keys(nothing) as (keyof Probe)[];
  const spied = names.map((name) => [
    name,
    (version: string) => {
      asked.push(name);
      return merged[name](version);
    },
  ]);
  return { probe: Object.fromEntries(spied) as Probe, asked };
}

const CASES: {
  machine: string;
  has: Partial<Probe>;
  plan: Omit<Plan, "reason" | "version"> & Partial<Plan>;
}[] = [
  { machine: "nothing at all", has: {}, plan: { engine: "built", command: "missing" } },
  { machine: "Docker without a registry", has: docker, plan: { engine: "built", command: "missing" } },
  {
    machine: "Docker that pulls, no dagger command",
    has: { ...docker, ...pull("pulled") },
    plan: { engine: "stock", command: "missing" },
  },
  {
    machine: "Docker that pulls, and the dagger command",
    has: { ...docker, ...pull("pulled"), ...command(WANTED) },
    plan: { engine: "stock", command: "present" },
  },
  {
    machine: "a newer dagger command and its engine's image",
    has: {
      ...docker,
      ...command(NEWER),
      localImage: async (version) => (version === NEWER ? "foreign" : undefined),
    },
    plan: { engine: "stock", command: "present", version: NEWER },
  },
  {
    machine: "an older dagger command",
    has: { ...docker, ...command("v0.18.2"), localImage: async () => "foreign" },
    plan: { engine: "stock", command: "missing" },
  },
  {
    machine: "a newer dagger command, but no registry for its engine",
    has: { ...docker, ...command(NEWER) },
    plan: { engine: "built", command: "missing" },
  },
  {
    machine: "a newer dagger command, and an engine of the wanted version that runs",
    has: {
      ...docker,
      ...command(NEWER),
      runningEngine: async (version) => (version === WANTED ? "foreign" : undefined),
    },
    plan: { engine: "running", command: "missing" },
  },
  {
    machine: "an engine that the user chose",
    has: { chosenEngine: () => "tcp://10.0.0.1:1234", ...command(WANTED) },
    plan: { engine: "running", command: "present" },
  },
  {
    machine: "an engine of someone else's making that runs",
    has: { ...docker, runningEngine: async () => "foreign", ...command(WANTED) },
    plan: { engine: "running", command: "present" },
  },
  {
    machine: "our stand-in, which runs",
    has: { ...docker, runningEngine: async () => "stand-in", ...command(WANTED) },
    plan: { engine: "built", command: "present" },
  },
  {
    machine: "our stand-in of a newer checkout, which runs",
    has: {
      ...docker,
      ...command(NEWER),
      runningEngine: async (version) => (version === NEWER ? "stand-in" : undefined),
    },
    plan: { engine: "running", command: "present", version: NEWER },
  },
  {
    machine: "a stock engine that we keep, which runs",
    has: { ...docker, runningEngine: async () => "stock", ...command(WANTED) },
    plan: { engine: "stock", command: "present" },
  },
  {
    machine: "our image, nothing runs",
    has: { ...docker, localImage: async () => "ours" },
    plan: { engine: "built", command: "missing" },
  },
  {
    machine: "the stand-in of root, for a user without root whose Docker pulls",
    has: { ...docker, ...elsewhere, localImage: async () => "ours", ...pull("pulled") },
    plan: { engine: "stock", command: "missing" },
  },
  {
    machine: "a docker command whose daemon no init system starts",
    has: daemon("stopped"),
    plan: { engine: "built", command: "missing" },
  },
  {
    machine: "Podman alone",
    has: { ...elsewhere, otherRuntime: async () => "podman" },
    plan: { engine: "stock", command: "missing" },
  },
];

describe("the plan for a machine with", () => {
  it.each(CASES)("$machine", async ({ has, plan }) => {
    expect(await planFor(machine(has).probe, WANTED)).toMatchObject({ version: WANTED, ...plan });
  });

  it.each<[string, Partial<Probe>]>([
    ["our engine", { ...docker, runningEngine: async () => "stand-in" }],
    ["another's engine", { ...docker, ...command(NEWER), runningEngine: async () => "foreign" }],
  ])("%s that runs never tries to pull", async (_, has) => {
    const { probe, asked } = machine(has);
    await planFor(probe, WANTED);
    expect(asked).not.toContain("pullImage");
  });

  it("no Docker asks no question of Docker", async () => {
    const { probe, asked } = machine({});
    await planFor(probe, WANTED);
    expect(asked).toEqual(["commandVersion", "chosenEngine", "docker", "otherRuntime", "whyNoStandIn"]);
  });

  it("a reason to build says it with Docker's words", async () => {
    const { reason } = await planFor(machine({ ...docker, ...pull("limited") }).probe, WANTED);
    expect(reason).toBe('Docker cannot pull the engine\'s image: "its words"');
  });
});

describe("there is no plan, and the error says why,", () => {
  it.each<[string, Partial<Probe>, RegExp]>([
    [
      "without Docker on Ubuntu",
      elsewhere,
      /^MS-ENGINE-002 there is no docker command; this is Ubuntu\. Next/,
    ],
    [
      "without the right to Docker's socket",
      daemon("denied"),
      /^MS-ENGINE-012 .*"its words"\. Next: .*usermod -aG/,
    ],
    [
      "with Docker stopped on Ubuntu",
      { ...daemon("stopped"), ...elsewhere },
      /^MS-ENGINE-013 .*this is Ubuntu/,
    ],
    [
      "with Docker stopped that systemd starts, for root on Debian too",
      { ...daemon("stopped"), isDockerManaged: () => true },
      /^MS-ENGINE-013 Docker's daemon does not run: "its words"\. Next: start it/,
    ],
    ["with Docker Desktop stopped", daemon("stopped", false), /^MS-ENGINE-013 .*Docker Desktop/],
    ["with a DOCKER_HOST that is gone", daemon("unreachable"), /^MS-ENGINE-014 .*DOCKER_HOST/],
    [
      "after too many pulls",
      { ...docker, ...elsewhere, ...pull("limited") },
      /^MS-ENGINE-015 .*docker login/,
    ],
    [
      "with an unknown authority",
      { ...docker, ...elsewhere, ...pull("untrusted") },
      /^MS-ENGINE-016 .*trust/,
    ],
    ["without a way to the registry", { ...docker, ...elsewhere }, /^MS-ENGINE-017 .*no such host.*Ubuntu/],
    [
      "after any other refusal",
      { ...docker, ...elsewhere, ...pull("refused") },
      /^MS-ENGINE-018 .*its words/,
    ],
    ["with a full disk, wherever it is", { ...docker, ...pull("full") }, /^MS-ENGINE-018 .*its words/],
  ])("%s", async (_, has, message) => {
    await expect(planFor(machine(has).probe, WANTED)).rejects.toThrow(message);
  });
});

describe("versions", () => {
  it.each([
    ["v0.19.10", "v0.19.10", true],
    ["v0.19.9", "v0.19.10", false],
    ["v0.20.0", "v0.19.10", true],
    ["v0.18.99", "v0.19.10", false],
    ["v1.0.0", "v0.19.10", true],
    ["v0.19.11-dev-123", "v0.19.10", true],
  ])("%s is at least %s: %s", (a, b, expected) => {
    expect(isAtLeast(a, b)).toBe(expected);
  });

  it("are read from what the command prints", () => {
    expect(versionIn("dagger v0.19.10 (image://example/engine:v0.1.2) linux/amd64\n")).toBe("v0.19.10");
    expect(versionIn("command not found")).toBeUndefined();
  });
});
