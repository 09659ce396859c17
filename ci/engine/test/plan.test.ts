import { describe, expect, it } from "vitest";
import { isAtLeast, versionIn } from "../dagger-version.ts";
import { type Plan, type Probe, planFor } from "../plan.ts";

const WANTED = "v0.19.10";

/** A machine that has nothing, with the differences of a case. */
function machine(differences: Partial<Probe>): { probe: Probe; asked: string[] } {
  const asked: string[] = [];
  const nothing: Probe = {
    commandVersion: async () => undefined,
    chosenEngine: () => undefined,
    dockerAnswers: async () => false,
    runningEngine: async () => undefined,
    localImage: async () => undefined,
    pullImage: async () => false,
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

const docker = { dockerAnswers: async () => true };
const CASES: { machine: string; has: Partial<Probe>; plan: Plan }[] = [
  { machine: "nothing at all", has: {}, plan: { engine: "built", command: "missing" } },
  {
    machine: "Docker without a registry",
    has: docker,
    plan: { engine: "built", command: "missing" },
  },
  {
    machine: "Docker that pulls, no dagger command",
    has: { ...docker, pullImage: async () => true },
    plan: { engine: "stock", command: "missing" },
  },
  {
    machine: "Docker that pulls, and the dagger command",
    has: { ...docker, pullImage: async () => true, commandVersion: async () => WANTED },
    plan: { engine: "stock", command: "present" },
  },
  {
    machine: "a newer dagger command and its engine's image",
    has: {
      ...docker,
      commandVersion: async () => "v0.20.1",
      localImage: async (version) => (version === "v0.20.1" ? "foreign" : undefined),
    },
    plan: { engine: "stock", command: "present" },
  },
  {
    machine: "an older dagger command",
    has: { ...docker, commandVersion: async () => "v0.18.2", localImage: async () => "foreign" },
    plan: { engine: "stock", command: "missing" },
  },
  {
    machine: "a newer dagger command, but no registry for its engine",
    has: { ...docker, commandVersion: async () => "v0.20.1" },
    plan: { engine: "built", command: "missing" },
  },
  {
    machine: "an engine that the user chose",
    has: { chosenEngine: () => "tcp://10.0.0.1:1234", commandVersion: async () => WANTED },
    plan: { engine: "running", command: "present" },
  },
  {
    machine: "an engine of someone else's making that runs",
    has: { ...docker, runningEngine: async () => "foreign", commandVersion: async () => WANTED },
    plan: { engine: "running", command: "present" },
  },
  {
    machine: "our engine, which runs",
    has: { ...docker, runningEngine: async () => "ours", commandVersion: async () => WANTED },
    plan: { engine: "built", command: "present" },
  },
  {
    machine: "our image, nothing runs",
    has: { ...docker, localImage: async () => "ours" },
    plan: { engine: "built", command: "missing" },
  },
];

describe("the plan for a machine with", () => {
  it.each(CASES)("$machine", async ({ has, plan }) => {
    expect(await planFor(machine(has).probe, WANTED)).toEqual(plan);
  });

  it("our engine never tries to pull", async () => {
    const { probe, asked } = machine({ ...docker, runningEngine: async () => "ours" });
    await planFor(probe, WANTED);
    expect(asked).not.toContain("pullImage");
  });

  it("no Docker asks no question of Docker", async () => {
    const { probe, asked } = machine({});
    await planFor(probe, WANTED);
    expect(asked).toEqual(["commandVersion", "chosenEngine", "dockerAnswers"]);
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
