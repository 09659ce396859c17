/** How each service's health is asked, as a Markdown table. */
import type { HealthSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { portOf } from "../spec/service-spec.ts";
import { markdownTable } from "./markdown-table.ts";

/** Writes one row per service that has a health. */
export function emitHealthTable(system: SystemSpec): string {
  const rows = [...system.values()].flatMap((spec) =>
    spec.health ? [[spec.name, ...healthCells(spec, spec.health)]] : [],
  );
  return markdownTable(["service", "command", "path", "every", "timeout", "retries", "start period"], rows);
}

function healthCells(spec: ServiceSpec, health: HealthSpec): string[] {
  const path = health.path && health.port ? `\`:${portOf(spec, health.port).port}${health.path}\`` : "";
  return [
    health.command ? `\`${health.command.join(" ")}\`` : "",
    path,
    `${health.intervalSeconds} s`,
    `${health.timeoutSeconds} s`,
    String(health.retries),
    `${health.startPeriodSeconds} s`,
  ];
}
