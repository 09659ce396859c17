import { expect, it } from "vitest";
import { awsPlace } from "../../src/emit/ecs/aws-place.ts";
import { emitTaskDefinition } from "../../src/emit/ecs/task-definition.ts";
import { emitEnvTable } from "../../src/emit/env-table.ts";
import { emitHealthTable } from "../../src/emit/health-table.ts";
import { emitNatsConf } from "../../src/emit/nats-conf.ts";
import { emitResourcesTable } from "../../src/emit/resources-table.ts";
import { emitResources, emitRuntimeBundle } from "../../src/emit/runtime-bundle.ts";
import { DEPLOYED_PLATFORM } from "../../src/spec/platform.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenPath, goldenSystem, jsonText } from "./support/golden.ts";

const system = goldenSystem();
const shop = serviceOf(system, "shop");
const bus = serviceOf(system, "bus");
const images = { bus: "nats:2.15", shop: "golden/shop@sha256:aa" };

it("task definition", async () => {
  const account = {
    account: "123456789012",
    region: "eu-central-1",
    environment: "test",
    zone: "shop.internal",
  };
  const definition = emitTaskDefinition(
    shop,
    system,
    awsPlace(system, { ...account, images, platform: DEPLOYED_PLATFORM }),
  );
  await expect(jsonText(definition)).toMatchFileSnapshot(goldenPath("task-definition.json"));
});

it("runtime bundle", async () => {
  const bundle = emitRuntimeBundle(shop, {
    rootfs: "/images/shop/rootfs",
    env: { BUS_URL: "nats://10.0.0.1:4222" },
    cgroup: "/golden/shop",
    netns: "/run/netns/shop",
    volumes: { scratch: "/tmp/scratch" },
    mounts: [{ source: "/tmp/hosts", destination: "/etc/hosts" }],
    limits: { memoryMiB: 64 },
    limitSwap: true,
  });
  await expect(jsonText(bundle)).toMatchFileSnapshot(goldenPath("runtime-bundle.json"));
});

it("runtime bundle of a kernel that cannot limit swap: runc would refuse a limit of it", () => {
  expect(emitResources({ memoryMiB: 64, cpu: 1, pids: 10 })).toMatchObject({ memory: { limit: 67_108_864 } });
  expect(emitResources({ memoryMiB: 64, cpu: 1, pids: 10 })).not.toHaveProperty("memory.swap");
});

it("NATS configuration", async () => {
  const permissions = {
    roles: { clerk: { publish: ["$JS.API.INFO"], subscribe: ["orders.>"], deny_subscribe: ["$SYS.>"] } },
  };
  const conf = emitNatsConf(bus, permissions, { clerk: "$CLERK_NKEY" });
  await expect(conf).toMatchFileSnapshot(goldenPath("nats.conf"));
  expect(() => emitNatsConf(bus, permissions, {})).toThrow(/no public nkey for the role clerk/);
});

it("tables", async () => {
  await expect(emitEnvTable(shop, system)).toMatchFileSnapshot(goldenPath("env-table.md"));
  await expect(emitHealthTable(system)).toMatchFileSnapshot(goldenPath("health-table.md"));
  await expect(emitResourcesTable(system)).toMatchFileSnapshot(goldenPath("resources-table.md"));
});
