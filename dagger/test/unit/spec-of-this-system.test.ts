import { expect, it } from "vitest";
import { wiredEnvironment } from "../../src/spec/environment.ts";
import { fargateSizeProblem } from "../../src/spec/fargate-sizes.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { repoSystem } from "./support/repo.ts";

it("puts every service after what it depends on", () => {
  const order = [...repoSystem().keys()];
  expect(order).toHaveLength(6);
  for (const spec of repoSystem().values())
    for (const dependency of spec.dependsOn)
      expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(spec.name));
});

it("wires a service to the hosts of a deployment", () => {
  const system = repoSystem();
  const worker = serviceOf(system, "claude-worker");
  const env = wiredEnvironment(worker, system, { nats: "10.0.0.2", "mcp-gateway": "gw.internal" });
  expect(env).toEqual({ NATS_URL: "nats://10.0.0.2:4222", MCP_GATEWAY_URL: "http://gw.internal:8080/mcp" });
});

it("knows which task sizes are sold", () => {
  expect(fargateSizeProblem(256, 512)).toBeUndefined();
  expect(fargateSizeProblem(8192, 20480)).toBeUndefined();
  expect(fargateSizeProblem(512, 512)).toMatch(/1024 to 4096/);
  expect(fargateSizeProblem(8192, 17408)).toMatch(/steps of 4096/);
  expect(fargateSizeProblem(100, 512)).toMatch(/not sold/);
});
