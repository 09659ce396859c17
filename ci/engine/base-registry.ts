/** The registry that holds the stand-in base images: a process of the host that only the engine's bridge reaches. */
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { bridgeAddress } from "./docker-daemon.ts";
import { CodedError } from "./errors.ts";
import { endProcess, runningPid, startProcess } from "./pid-file.ts";
import { statePath } from "./state.ts";

const NAME = "base-registry";
const PORT = Number(process.env.MISTERSMITH_BASE_REGISTRY_PORT ?? "5000");
const POLL_MS = 50;
const START_POLLS = 200;

/** `host:port` of the registry; it is bound to the bridge, since the engine cannot reach the host's loopback device. */
export async function baseRegistryAddress(): Promise<string> {
  return `${await bridgeAddress()}:${PORT}`;
}

async function answers(address: string): Promise<boolean> {
  return fetch(`http://${address}/v2/`).then(
    (response) => response.ok,
    () => false,
  );
}

/**
 * Starts the registry unless it runs.
 *
 * @returns its address
 * @throws MS-ENGINE-004 when another program has the port, or when it does not come up
 */
export async function startBaseRegistry(): Promise<string> {
  const address = await baseRegistryAddress();
  if (runningPid(NAME) !== undefined && (await answers(address))) return address;
  if (await answers(address))
    throw new CodedError(
      "MS-ENGINE-004",
      `${address} is taken by a registry that was not started here`,
      "end it, or set MISTERSMITH_BASE_REGISTRY_PORT",
    );
  await endProcess(NAME);
  const root = statePath("registry", "data");
  mkdirSync(root, { recursive: true });
  const config = statePath("registry", "config.json");
  const storage = { filesystem: { rootdirectory: root }, delete: { enabled: true } };
  writeFileSync(config, JSON.stringify({ version: "0.1", storage, http: { addr: address } }));
  startProcess(NAME, "docker-registry", ["serve", config]);
  for (let poll = 0; poll < START_POLLS; poll++) {
    if (await answers(address)) return address;
    await delay(POLL_MS);
  }
  throw new CodedError(
    "MS-ENGINE-004",
    `the base-image registry does not answer on ${address}`,
    `read ${statePath("logs", `${NAME}.log`)}`,
  );
}

/** Ends the registry if it runs. */
export function stopBaseRegistry(): Promise<boolean> {
  return endProcess(NAME);
}
