/** What each service may use, as a Markdown table. */
import type { SystemSpec } from "../spec/service-spec.ts";
import { markdownTable } from "./markdown-table.ts";

/** Writes one row per service. */
export function emitResourcesTable(system: SystemSpec): string {
  const rows = [...system.values()].map(
    ({ name, resources, replicas, stopTimeoutSeconds, writablePaths }) => [
      name,
      `${resources.container.cpu} vCPU, ${resources.container.memoryMiB} MiB, ${resources.container.pids} processes`,
      `${resources.fargate.cpu} CPU units, ${resources.fargate.memoryMiB} MiB`,
      String(replicas),
      `${stopTimeoutSeconds} s`,
      writablePaths.map(({ path, kind }) => `\`${path}\` (${kind})`).join(", "),
    ],
  );
  return markdownTable(
    ["service", "container", "Fargate task", "replicas", "stop timeout", "writable paths"],
    rows,
  );
}
