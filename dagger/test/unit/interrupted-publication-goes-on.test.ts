import { expect, it } from "vitest";
import { executePlan, type PublicationEffects } from "../../src/publication/execute.ts";
import { changeCount, type PublicationPlan } from "../../src/publication/plan.ts";
import {
  desiredRepository,
  type RepositorySettings,
  repositoryChange,
} from "../../src/publication/repository.ts";
import type { RetryPolicy } from "../../src/publication/retry.ts";
import { planTags } from "../../src/publication/tag-plan.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenSystem } from "./support/golden.ts";

const IMAGES = [
  { repository: "a", tags: ["1.0.0", "latest"], digest: "sha256:a1" },
  { repository: "b", tags: ["1.0.0", "latest"], digest: "sha256:b1" },
];
const spec = serviceOf(goldenSystem(), "shop");

/** A registry in memory that fails where it is told to. */
class FakeRegistry implements PublicationEffects {
  readonly repositories = new Map<string, RepositorySettings>();
  readonly tags: Record<string, string> = {};
  readonly calls: string[] = [];
  /** Errors by call, each thrown once. */
  readonly failures = new Map<string, Error[]>();

  plan(): PublicationPlan {
    const changes = IMAGES.map(({ repository }) =>
      repositoryChange({ ...desiredRepository(spec), name: repository }, this.repositories.get(repository)),
    );
    return { address: "fake", repositories: changes, tags: planTags(IMAGES, this.tags) };
  }

  create: PublicationEffects["create"] = async (settings) => {
    this.#call(`create ${settings.name}`);
    this.repositories.set(settings.name, settings);
  };
  update: PublicationEffects["update"] = this.create;
  push: PublicationEffects["push"] = async ({ repository, tag, digest }) => {
    this.#call(`push ${repository}:${tag}`);
    this.tags[`${repository}:${tag}`] = digest;
  };
  record: PublicationEffects["record"] = async () => {};

  #call(name: string): void {
    this.calls.push(name);
    const failure = this.failures.get(name)?.shift();
    if (failure) throw failure;
  }
}

function patience(): RetryPolicy & { slept: number[] } {
  const slept: number[] = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  return { attempts: 3, firstDelay: 100, longestDelay: 150, random: () => 1, sleep, slept };
}

const throttled = () => Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

it("does repositories before tags, and nothing twice", async () => {
  const registry = new FakeRegistry();
  await executePlan(registry.plan(), registry, patience());
  expect(registry.calls.slice(0, 2)).toEqual(["create a", "create b"]);
  expect(registry.calls.slice(2).sort()).toEqual([
    "push a:1.0.0",
    "push a:latest",
    "push b:1.0.0",
    "push b:latest",
  ]);
  expect(changeCount(registry.plan())).toEqual({ repositories: 0, tags: 0 });
});

it("goes on where it stopped", async () => {
  const registry = new FakeRegistry();
  registry.failures.set("push b:latest", [new Error("the machine was switched off")]);
  await expect(executePlan(registry.plan(), registry, patience())).rejects.toThrow("switched off");
  expect(Object.keys(registry.tags).sort()).toEqual(["a:1.0.0", "a:latest", "b:1.0.0"]);

  registry.calls.length = 0;
  await executePlan(registry.plan(), registry, patience());
  expect(registry.calls).toEqual(["push b:latest"]);
});

it("tries a step again that was throttled, more patiently each time, and no other one", async () => {
  const registry = new FakeRegistry();
  registry.failures.set("create b", [throttled(), throttled()]);
  const policy = patience();
  await executePlan(registry.plan(), registry, policy);
  expect(registry.calls.filter((call) => call.startsWith("create"))).toEqual([
    "create a",
    "create b",
    "create b",
    "create b",
  ]);
  expect(policy.slept).toEqual([100, 150]);
});

it("gives up after its attempts, and lets the other image finish", async () => {
  const registry = new FakeRegistry();
  registry.failures.set("push a:1.0.0", [throttled(), throttled(), throttled()]);
  await expect(executePlan(registry.plan(), registry, patience())).rejects.toThrow("Rate exceeded");
  expect(registry.tags).toEqual({ "b:1.0.0": "sha256:b1", "b:latest": "sha256:b1" });
});

it("does nothing at all when one tag is refused", async () => {
  const registry = new FakeRegistry();
  registry.tags["a:1.0.0"] = "sha256:other";
  await expect(executePlan(registry.plan(), registry, patience())).rejects.toThrow(/^MS-ECR-003 /);
  expect(registry.calls).toEqual([]);
});
