import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { JsMsg } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDiscovery } from "../src/discoveries/event.ts";
import { parsePresence } from "../src/pool.ts";
import { parseTaskMessage } from "../src/tasks.ts";
import { type System, startSystem } from "./support/system.ts";

const contracts = new URL("../../contracts/", import.meta.url);
const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
for (const name of readdirSync(new URL("schemas/", contracts))) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(`schemas/${name}`, contracts), "utf8")));
}
const bytes = (name: string): Buffer => readFileSync(new URL(`examples/${name}.json`, contracts));
const faults = (schema: string, value: unknown): unknown => {
  const check = ajv.getSchema(`https://mistersmith.dev/schemas/${schema}.schema.json`);
  return check?.(value) ? [] : (check?.errors ?? "no such schema");
};

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

test("golden messages: the schemas accept the valid ones and refuse the invalid ones", () => {
  const names = readdirSync(new URL("examples/", contracts));
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    const [schema = "", kind] = name.split(".");
    const found = faults(schema, JSON.parse(bytes(name.replace(/\.json$/, "")).toString()));
    if (kind === "valid") expect([name, found]).toEqual([name, []]);
    else expect([name, found]).not.toEqual([name, []]);
  }
  const job = JSON.parse(bytes("job.invalid").toString());
  expect(faults("job", job)).toMatchObject([{ instancePath: "/payload/job_id", keyword: "pattern" }]);
});

test("golden messages: the valid ones are read, the invalid ones refused", () => {
  expect(parseDiscovery(7, bytes("discovery.valid"))).toMatchObject({
    sequence: 7,
    agent_id: "agent-3",
    type: "pattern",
  });
  expect(parseDiscovery(7, bytes("discovery.invalid"))).toBeUndefined();
  expect(parseTaskMessage("tasks.x.progress", bytes("task-progress.valid"))).toMatchObject({
    state: "assigned",
    done: false,
  });
  expect(parseTaskMessage("tasks.x.result", bytes("task-result.valid"))).toMatchObject({
    state: "succeeded",
    done: true,
  });
  expect(parsePresence(bytes("worker-presence.valid"))).toMatchObject({
    worker_id: "worker-1",
    jobs_done: 4,
  });
  expect(parseTaskMessage("tasks.x.progress", bytes("task-progress.invalid"))).toBeUndefined();
  expect(parsePresence(bytes("worker-presence.invalid"))).toBeUndefined();
  for (const garbage of ["", "{", "null", "[]", '"x"', "{}"]) {
    const data = Buffer.from(garbage);
    expect([parseDiscovery(1, data), parseTaskMessage("tasks.x.result", data), parsePresence(data)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});

test("what the gateway stores fits the schemas", async () => {
  const claims = { role: "generalist", task_id: "01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47" };
  const sequence = await system.share("x", { claims });
  const stored = await message("DISCOVERIES", { seq: sequence });
  expect(faults("discovery", stored.value)).toEqual([]);
  expect(stored.subject).toBe("discoveries.agent-1.insight");
  const body = JSON.stringify({
    prompt: "count",
    role: "reviewer",
    priority: "high",
    budget_usd: 0.5,
    timeout_ms: 2000,
  });
  const answer = await fetch(`${system.base}/v1/tasks`, {
    method: "POST",
    headers: await system.headers(),
    body,
  });
  const { task_id } = (await answer.json()) as { task_id: string };
  const progress = await message("RESULTS", { last_by_subj: `tasks.${task_id}.progress` });
  expect(faults("task-progress", progress.value)).toEqual([]);
  const task = await message("TASKS", { last_by_subj: "tasks.queue.high" });
  expect(faults("task", task.value)).toEqual([]);
  expect(task.id).toBe(task_id);
  const asked = new Promise<JsMsg["data"]>((resolve) => {
    system.admin.subscribe("system.control", {
      max: 1,
      callback: (_, request) => {
        request.respond("{}");
        resolve(request.data);
      },
    });
  });
  await fetch(`${system.base}/v1/pool`, { headers: await system.headers() });
  expect(faults("control", JSON.parse(new TextDecoder().decode(await asked)))).toEqual([]);
});

test("a message that is not valid is left out, and the next one comes", async () => {
  await system.admin.jetstream().publish("discoveries.agent-1.pattern", "not JSON");
  const next = await system.share("after the bad one");
  const answer = await fetch(`${system.base}/v1/discoveries?after=${next - 2}`, {
    headers: await system.headers(),
  });
  const { discoveries } = (await answer.json()) as { discoveries: { sequence: number }[] };
  expect(discoveries.map(({ sequence }) => sequence)).toEqual([next]);
});

test("a job id outside the contract is refused with its code", async () => {
  await system.admin.jetstream().publish("$KV.WORKERS.worker-1", bytes("worker-presence.invalid"));
  const answer = await fetch(`${system.base}/v1/workers`, { headers: await system.headers() });
  expect([answer.status, await answer.json()]).toEqual([200, { workers: [] }]);
  expect(system.logs.filter((line) => line.code === "MS-NATS-002")).toContainEqual(
    expect.objectContaining({ msg: expect.stringContaining("KV_WORKERS $KV.WORKERS.worker-1") }),
  );
});

async function message(stream: string, query: { seq: number } | { last_by_subj: string }) {
  const manager = await system.admin.jetstreamManager();
  const found = await manager.streams.getMessage(stream, query);
  return { subject: found.subject, id: found.header.get("Nats-Msg-Id"), value: found.json<unknown>() };
}
