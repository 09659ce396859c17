/** The registry that holds the stand-in base images: a process of the host that only the engine's bridge reaches. */
import { mkdirSync, writeFileSync } from "node:fs";
import { bridgeAddress } from "./docker-daemon.ts";
import { EngineError } from "./engine-error.ts";
import { endProcess, runningPid, startProcess } from "./pid-file.ts";
import { statePath } from "./state.ts";
import { becomesTrue } from "./wait.ts";

const NAME = "base-registry";
const PORT = process.env.MISTERSMITH_REGISTRY_PORT ?? "5000";
const START_MS = 10_000;

async function answers(address: string): Promise<boolean> {
  return fetch(`http://${address}/v2/`).then(
    (response) => response.ok,
    () => false,
  );
}

/** Whether our registry runs and answers. */
export async function baseRegistryRuns(): Promise<boolean> {
  return runningPid(NAME) !== undefined && (await answers(await baseRegistryAddress()));
}

/** `host:port` of the registry; it is bound to the bridge, since the engine cannot reach the host's loopback device. */
export async function baseRegistryAddress(): Promise<string> {
  return `${await bridgeAddress()}:${PORT}`;
}

/**
 * Starts the registry unless it runs.
 *
 * @returns its address
 * @throws MS-ENGINE-007 when another program has the port, or when it does not come up
 */
export async function startBaseRegistry(): Promise<string> {
  const address = await baseRegistryAddress();
  if (await baseRegistryRuns()) return address;
  await endProcess(NAME);
  if (await answers(address)) throw new EngineError("MS-ENGINE-007", `another registry has ${address}`);
  const root = statePath("registry", "data");
  mkdirSync(root, { recursive: true });
  const config = statePath("registry", "config.json");
  const storage = { filesystem: { rootdirectory: root }, delete: { enabled: true } };
  writeFileSync(config, JSON.stringify({ version: "0.1", storage, http: { addr: address } }));
  startProcess(NAME, "docker-registry", ["serve", config]);
  if (await becomesTrue(() => answers(address), START_MS)) return address;
  const log = statePath("logs", `${NAME}.log`);
  throw new EngineError("MS-ENGINE-007", `no registry answers on ${address}; log: ${log}`);
}

/** Ends the registry if it runs. */
export function stopBaseRegistry(): Promise<boolean> {
  return endProcess(NAME);
}
