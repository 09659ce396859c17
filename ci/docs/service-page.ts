/** The reference page of one service, from its spec. */
import { emitEnvTable } from "../../dagger/src/emit/env-table.ts";
import { emitHealthTable } from "../../dagger/src/emit/health-table.ts";
import { markdownTable } from "../../dagger/src/emit/markdown-table.ts";
import { emitResourcesTable } from "../../dagger/src/emit/resources-table.ts";
import type { ServiceSpec, SystemSpec } from "../../dagger/src/spec/service-spec.ts";

/** Writes the page; its tables are those that the platform team gets, cut to one service. */
export function servicePage(spec: ServiceSpec, system: SystemSpec): string {
  const alone: SystemSpec = new Map([[spec.name, spec]]);
  const source = spec.repository ? `services/${spec.name}/service.yaml` : "services/platform.yaml";
  const ports = spec.ports.map(({ name, port, protocol, meaning }) => [
    name,
    String(port),
    protocol,
    meaning,
  ]);
  const sections = [
    `# ${spec.name}`,
    spec.description,
    `Generated from \`${source}\` by \`make docs\`.`,
    ...(ports.length > 0 ? ["## Ports", markdownTable(["name", "port", "protocol", "what for"], ports)] : []),
    ...(spec.env.length > 0 ? ["## Environment", emitEnvTable(spec, system)] : []),
    ...(spec.health ? ["## Health", emitHealthTable(alone)] : []),
    "## Resources",
    emitResourcesTable(alone),
  ];
  return `${sections.map((section) => section.trimEnd()).join("\n\n")}\n`;
}
