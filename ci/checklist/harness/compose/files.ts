/** The files that a run of the checklist gives to Docker Compose. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import { composeFiles } from "../../../../dagger/src/deployment/compose-files.ts";
import { type DeploymentKeys, valuesOfSpecs } from "../../../../dagger/src/deployment/deployment-keys.ts";
import { composeOptions } from "../../../../dagger/src/emit/compose.ts";
import type { NatsPermissions } from "../../../../dagger/src/emit/nats-conf.ts";
import type { SystemSpec } from "../../../../dagger/src/spec/service-spec.ts";
import { CHECKLIST_ENV, secretValue } from "../environment.ts";
import type { Keys } from "../keys.ts";
import { PROBE_PATH } from "../probe.ts";

/** Name by which containers reach the harness. */
const HARNESS_HOST = "harness";

/** Name of the file that adds what the checklist needs to the emitted one. */
export const CHECKLIST_FILE = "checklist.yml";

/**
 * Writes the emitted files with the keys of this run.
 *
 * @param observed the system with what the profile `observability` adds, as in the file that people get
 */
export function writeComposeFiles(
  directory: string,
  system: SystemSpec,
  observed: SystemSpec,
  permissions: NatsPermissions,
  keys: Keys,
  images: Readonly<Record<string, string>>,
): void {
  const options = composeOptions(system, observed, images);
  const files = composeFiles(observed, permissions, deploymentKeys(system, keys), options);
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(`${directory}/${path}`), { recursive: true });
    writeFileSync(`${directory}/${path}`, content);
    chmodSync(`${directory}/${path}`, mode);
  }
}

/** What the checklist adds: shorter waits, the probe, and the stand-in of the Messages API. */
export function checklistFile(system: SystemSpec, probe: string, apiPort: number): string {
  const services = [...system.values()]
    .filter((spec) => spec.kind === "service" && !spec.image)
    .map((spec): [string, object] => [
      spec.name,
      {
        environment: {
          ...CHECKLIST_ENV[spec.name],
          ...(spec.egress && { ANTHROPIC_BASE_URL: `http://${HARNESS_HOST}:${apiPort}` }),
        },
        volumes: [{ type: "bind", source: probe, target: PROBE_PATH, read_only: true }],
        ...(spec.egress && { extra_hosts: [`${HARNESS_HOST}:host-gateway`] }),
      },
    ]);
  return stringify({ services: Object.fromEntries(services) });
}

function deploymentKeys(system: SystemSpec, keys: Keys): DeploymentKeys {
  return {
    ...valuesOfSpecs(system, (name) => secretValue(name, keys)),
    natsPublicKeys: Object.fromEntries(
      Object.entries(keys.nats).map(([role, { publicKey }]) => [role, publicKey]),
    ),
    operatorToken: "",
  };
}
