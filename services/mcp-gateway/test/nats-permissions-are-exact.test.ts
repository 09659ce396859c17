import { connect, type NatsConnection, nkeyAuthenticator } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGrpc, openSse } from "./support/clients.ts";
import { answerControl, putWorker } from "./support/peers.ts";
import { type System, startSystem, until } from "./support/system.ts";

let system: System;
let identity: NatsConnection;

beforeAll(async () => {
  system = await startSystem({ permissions: true });
  const seed = new TextEncoder().encode(system.nats.seeds.gateway);
  identity = await connect({
    servers: system.nats.url,
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix: "_INBOX_gateway",
  });
});
afterAll(async () => {
  await identity?.close();
  await system?.stop();
});

const get = async (path: string) => {
  const answer = await fetch(`${system.base}${path}`, { headers: await system.headers() });
  return { status: answer.status, value: (await answer.json()) as Record<string, unknown> };
};

test("with the contract's permissions every operation works and nothing is refused", async () => {
  answerControl(system.admin);
  await putWorker(system.admin, "worker-1");
  const first = await system.share("one");
  const sse = await openSse(system, `?after=${first - 1}`);
  const grpc = await openGrpc(system, { afterSequence: 0n });
  const second = await system.share("two");
  await until(() => sse.sequences.length === 2 && grpc.sequences.length === 2, "replay and live");
  expect(sse.sequences).toEqual([first, second]);
  const body = JSON.stringify({ prompt: "count" });
  const submitted = await fetch(`${system.base}/v1/tasks`, {
    method: "POST",
    headers: await system.headers(),
    body,
  });
  const { task_id } = (await submitted.json()) as { task_id: string };
  expect((await get(`/v1/tasks/${task_id}`)).value.state).toBe("queued");
  expect((await get("/v1/tasks")).value.tasks).toHaveLength(1);
  expect((await get("/v1/discoveries")).value.discoveries).toHaveLength(2);
  expect((await get("/v1/pool")).value.size).toBe(1);
  expect((await get("/v1/workers")).value.workers).toHaveLength(1);
  expect((await get("/v1/tasks/01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47")).status).toBe(404);
  sse.close();
  grpc.close();
  expect(system.logs.filter(({ code }) => code === "MS-NATS-003")).toEqual([]);
});

test.each([
  "work.claude",
  "tasks.01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47.result",
  "jobs.x.result",
  "cost.worker-1",
  "agent.agent-1.events",
  "agent.command",
  "dlq.TASKS",
  "$KV.WORKERS.worker-1",
  "$JS.API.STREAM.DELETE.DISCOVERIES",
  "$JS.API.STREAM.PURGE.RESULTS",
  "$JS.API.STREAM.MSG.DELETE.DISCOVERIES",
  "$JS.API.CONSUMER.CREATE.TASKS.x",
  "$JS.API.CONSUMER.CREATE.DISCOVERIES.recorder-discoveries",
  "$JS.API.CONSUMER.DELETE.DISCOVERIES.recorder-discoveries",
  "$JS.API.CONSUMER.MSG.NEXT.DISCOVERIES.recorder-discoveries",
  "$JS.API.DIRECT.GET.LEDGER",
])("publishing %s is refused", async (subject) => {
  await expect(refusal((client) => client.publish(subject, "{}"))).resolves.toContain(subject);
});

test.each(["discoveries.>", "work.claude", "_INBOX_worker.>", ">", "$SYS.>"])(
  "subscribing %s is refused",
  async (subject) => {
    const subscription = identity.subscribe(subject);
    await expect(
      (async () => {
        for await (const _ of subscription) throw new Error("a message came");
      })(),
    ).rejects.toThrow(/permissions violation/i);
  },
);

/** What the server says of a publication. */
async function refusal(act: (client: NatsConnection) => void): Promise<string> {
  const statuses = identity.status();
  act(identity);
  for await (const status of statuses) {
    if (String(status.data) === "PERMISSIONS_VIOLATION") {
      return `${status.permissionContext?.operation} ${status.permissionContext?.subject}`;
    }
  }
  return "closed";
}
