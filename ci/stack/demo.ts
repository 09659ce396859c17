/** The Messages API stand-in as one more container of the stack, for whoever has no key. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { stringify } from "yaml";
import type { DeploymentFile } from "../../dagger/src/deployment/compose-files.ts";
import {
  limitEntries,
  logEntry,
  NO_RIGHTS,
  NOBODY,
  SMALL_TMP,
  userEntry,
} from "../../dagger/src/emit/compose-rights.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";

/** Name of the file that compose reads after the emitted one. */
export const DEMO_FILE = "demo.yml";

/** Name of the stand-in's program. */
export const DEMO_BUNDLE = "messages-api.mjs";
const MAIN = fileURLToPath(new URL("../checklist/messages-api/main.ts", import.meta.url));
const HOST = "messages-api";
const PORT = 8765;
/** The stand-in does not run as the person who owns its file. */
const MODE = 0o644;
const TARGET = `/app/${DEMO_BUNDLE}`;
const ASK = `fetch("http://127.0.0.1:${PORT}/v1/models").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

/** What the stand-in takes as the key. */
export const DEMO_KEY = "stand-in";

/**
 * The stand-in, and the workers' way to it: it runs in the gateway's image, which has node.
 *
 * @param image the gateway's image
 */
export function demoFile(system: SystemSpec, image: string): string {
  const callers = [...system.values()].filter((spec) => spec.egress).map((spec) => spec.name);
  const standIn = {
    image,
    entrypoint: ["/usr/local/bin/node", TARGET, "--host", "0.0.0.0", "--port", String(PORT)],
    command: [],
    user: userEntry(NOBODY),
    read_only: true,
    ...NO_RIGHTS,
    tmpfs: [SMALL_TMP],
    volumes: [{ type: "bind", source: `./${DEMO_BUNDLE}`, target: TARGET, read_only: true }],
    networks: [HOST],
    ...limitEntries(256, 0.5, 64),
    logging: logEntry(1, 1),
    // The image's own check asks the gateway.
    healthcheck: {
      test: ["CMD", "/usr/local/bin/node", "--eval", ASK],
      interval: "5s",
      timeout: "3s",
      retries: 5,
    },
    restart: "unless-stopped",
  };
  const caller = {
    environment: { ANTHROPIC_BASE_URL: `http://${HOST}:${PORT}` },
    networks: [HOST],
    depends_on: { [HOST]: { condition: "service_healthy" } },
  };
  return stringify(
    {
      services: { [HOST]: standIn, ...Object.fromEntries(callers.map((name) => [name, caller])) },
      networks: { [HOST]: { internal: true } },
    },
    { aliasDuplicateObjects: false },
  );
}

/** Both files of the demonstration. */
export async function demoFiles(system: SystemSpec, image: string): Promise<DeploymentFile[]> {
  return [
    { path: DEMO_FILE, content: demoFile(system, image), mode: MODE, isMounted: false, isSecret: false },
    { path: DEMO_BUNDLE, content: await bundle(), mode: MODE, isMounted: true, isSecret: false },
  ];
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [MAIN],
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    logLevel: "error",
  });
  return outputFiles.map(({ text }) => text).join("");
}
