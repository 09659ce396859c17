/** The environment of a service as a Markdown table. */
import { defaultOf } from "../spec/environment.ts";
import type { EnvSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { markdownTable } from "./markdown-table.ts";

/** Writes one row per variable. */
export function emitEnvTable(spec: ServiceSpec, system: SystemSpec): string {
  const rows = spec.env.map((variable) => [
    `\`${variable.name}\``,
    typeText(variable),
    valueText(variable, defaultOf(variable, spec, system)),
    variable.meaning,
  ]);
  return markdownTable(["variable", "type", "default", "meaning"], rows);
}

function typeText(variable: EnvSpec): string {
  if (variable.values) return variable.values.join(", ");
  const { min, max } = variable;
  if (min === undefined && max === undefined) return variable.type;
  return `${variable.type}, ${min ?? ""} to ${max ?? ""}`;
}

function valueText(variable: EnvSpec, value: string | undefined): string {
  const notes = [
    ...(variable.required ? ["required"] : []),
    ...(variable.secret ? [`secret \`${variable.secret}\``] : []),
    ...(variable.config ? [`config \`${variable.config}\``] : []),
    ...(variable.secret || variable.file ? [`or \`${variable.name}_FILE\``] : []),
  ];
  const shown = value === undefined || value === "" ? [] : [`\`${value}\``];
  return [...shown, ...notes].join(", ");
}
