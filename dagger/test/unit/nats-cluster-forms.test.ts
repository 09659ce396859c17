import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createUserNkey } from "../../src/deployment/nkey.ts";
import { emitNatsConf, nkeyVariable } from "../../src/emit/nats-conf.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { repoInput } from "./support/hand-off.ts";
import { repoSystem } from "./support/repo.ts";

// Every server listens on the same ports, as on ECS, so each has a loopback address of its own.
const HOSTS = ["127.0.77.1", "127.0.77.2", "127.0.77.3"] as const;
const PATIENCE_MS = 30_000;

const system = repoSystem();
const nats = serviceOf(system, "nats");
const { permissions } = repoInput(system);
const home = mkdtempSync(join(tmpdir(), "hand-off-nats-"));
const servers = new Map<string, ChildProcess>();

afterAll(async () => {
  for (const server of servers.values()) await ended(server);
  rmSync(home, { recursive: true });
});

function start(host: string): void {
  const keys = Object.keys(permissions.roles).map((role) => [role, `$${nkeyVariable(role)}`]);
  const conf = emitNatsConf(nats, permissions, Object.fromEntries(keys), {
    name: "mistersmith",
    hosts: HOSTS,
  })
    .replace(/store_dir: .*/, `store_dir: ${JSON.stringify(join(home, host))}`)
    .replace(/^port: (\d+)$/m, `listen: "${host}:$1"`)
    .replace(/^http_port: (\d+)$/m, `http: "${host}:$1"`)
    .replace(/^ {2}port: (\d+)$/m, `  listen: "${host}:$1"`);
  const path = join(home, `${host}.conf`);
  writeFileSync(path, conf);
  const identities = Object.keys(permissions.roles).map((role) => [
    nkeyVariable(role),
    createUserNkey().publicKey,
  ]);
  const program = process.env.NATS_SERVER_BIN ?? "nats-server";
  const env = { ...process.env, ...Object.fromEntries(identities), NATS_SERVER_NAME: `nats-${host.at(-1)}` };
  servers.set(host, spawn(program, ["--config", path], { env, stdio: "ignore" }));
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await exit;
}

/** Asks until the answer is the one wanted; the last answer otherwise. */
async function answer(host: string, path: string, wanted: (body: Record<string, unknown>) => boolean) {
  const until = Date.now() + PATIENCE_MS;
  let body: Record<string, unknown> = {};
  while (Date.now() < until) {
    try {
      body = (await (await fetch(`http://${host}:8222${path}`)).json()) as Record<string, unknown>;
      if (wanted(body)) return body;
    } catch {
      // Not up yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return body;
}

it("three servers with the emitted configuration form one system that outlives any of them", async () => {
  const [first, ...others] = HOSTS;
  start(first);
  // Alone it lives, as the deployment's first server does, and is not ready.
  const alive = await answer(first, "/healthz?js-enabled-only=true", ({ status }) => status === "ok");
  expect(alive).toMatchObject({ status: "ok" });
  const alone = (await (await fetch(`http://${first}:8222/healthz`)).json()) as { status: string };
  expect(alone.status).not.toBe("ok");
  for (const host of others) start(host);
  for (const host of HOSTS) {
    const ready = await answer(host, "/healthz", ({ status }) => status === "ok");
    expect(ready).toMatchObject({ status: "ok" });
  }
  const meta = await answer(
    first,
    "/jsz",
    (body) => (body.meta_cluster as { leader?: string })?.leader !== undefined,
  );
  expect(meta).toMatchObject({ meta_cluster: { name: "mistersmith", cluster_size: 3 } });
  await ended(servers.get(HOSTS[2]) as ChildProcess);
  const left = await answer(first, "/healthz", ({ status }) => status === "ok");
  expect(left).toMatchObject({ status: "ok" });
}, 120_000);
