/** What a person may set in `.env` beside the compose file, and the file that explains it. */
import { defaultOf } from "../spec/environment.ts";
import type { EnvSpec, PortSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

const LOOPBACK = "127.0.0.1";
const BIND = "BIND_ADDRESS";

/** One line of `.env`. */
interface Setting {
  name: string;
  value: string;
  meaning: string;
}

/** Variables that a service takes from the caller's environment; they stay unset when they are not there. */
export function passedVariables(spec: ServiceSpec): EnvSpec[] {
  if (spec.image) return [];
  return spec.env.filter(
    ({ secret, config, wiring, type }) => !secret && !config && !wiring && !["port", "path"].includes(type),
  );
}

/** A public port as compose opens it; address and number can be set. */
export function publishedPort(spec: ServiceSpec, port: PortSpec): string {
  return `\${${BIND}:-${LOOPBACK}}:\${${portVariable(spec, port)}:-${port.port}}:${port.port}`;
}

/** Number of containers of a service; it can be set where the spec asks for more than one. */
export function replicas(spec: ServiceSpec): { scale?: string } {
  return spec.replicas > 1 ? { scale: `\${${replicasVariable(spec)}:-${spec.replicas}}` } : {};
}

/** Name of the variable that moves a public port. */
export function portVariable(spec: ServiceSpec, port: PortSpec): string {
  return `${capitals(spec.name)}_${capitals(port.name)}_PORT`;
}

/** Name of the variable that sets the number of containers of a service. */
export function replicasVariable(spec: ServiceSpec): string {
  return `${capitals(spec.name)}_REPLICAS`;
}

/** Names of everything that `.env`, or the shell, may set. */
export function settingNames(system: SystemSpec): string[] {
  const specs = [...system.values()];
  const names = [...specs.flatMap(passedVariables), ...machineSettings(specs)].map(({ name }) => name);
  return [...new Set(names)];
}

/** Writes `.env.example`. */
export function emitEnvExample(system: SystemSpec): string {
  const specs = [...system.values()];
  const shared = sharedNames(specs);
  const sections = specs.map((spec): [string, Setting[]] => {
    const own = passedVariables(spec).filter(({ name }) => !shared.has(name));
    return [spec.name, own.map((variable) => settingOf(variable, spec, system))];
  });
  const common = [...shared].map((name): Setting => {
    const spec = specs.find((candidate) => passedVariables(candidate).some((other) => other.name === name));
    const variable = spec?.env.find((candidate) => candidate.name === name);
    if (!spec || !variable) throw new Error(`${name} is no variable of any service`);
    return settingOf(variable, spec, system);
  });
  return [
    "# Settings of docker-compose.yml. Copy this file to .env and take the # away from what is to differ;",
    "# what stands here is what holds without it. Generated from the specs.",
    ...sectionLines("the machine", machineSettings(specs)),
    ...sectionLines("several services", common),
    ...sections.flatMap(([name, settings]) => sectionLines(name, settings)),
    "",
  ].join("\n");
}

function machineSettings(specs: readonly ServiceSpec[]): Setting[] {
  const ports = specs.flatMap((spec) =>
    spec.ports
      .filter((port) => port.public)
      .map((port) => ({
        name: portVariable(spec, port),
        value: String(port.port),
        meaning: `Port of this machine: ${port.meaning}`,
      })),
  );
  const numbers = specs
    .filter((spec) => spec.replicas > 1)
    .map((spec) => ({
      name: replicasVariable(spec),
      value: String(spec.replicas),
      meaning: `Number of containers of ${spec.name}`,
    }));
  const bind = {
    name: BIND,
    value: LOOPBACK,
    meaning: "Address of this machine that the ports are opened on",
  };
  return [bind, ...ports, ...numbers];
}

function settingOf(variable: EnvSpec, spec: ServiceSpec, system: SystemSpec): Setting {
  const { name, meaning, values, min, max } = variable;
  const range = min === undefined || max === undefined ? "" : ` (${min} to ${max})`;
  const choice = values === undefined ? "" : ` (${values.join(", ")})`;
  return { name, value: defaultOf(variable, spec, system) ?? "", meaning: `${meaning}${range}${choice}` };
}

function sectionLines(title: string, settings: readonly Setting[]): string[] {
  if (settings.length === 0) return [];
  return [
    "",
    `## ${title}`,
    ...settings.flatMap(({ name, value, meaning }) => [`# ${meaning}`, `#${name}=${value}`]),
  ];
}

function sharedNames(specs: readonly ServiceSpec[]): Set<string> {
  const all = specs.flatMap((spec) => passedVariables(spec).map(({ name }) => name));
  return new Set(all.filter((name, index) => all.indexOf(name) !== index));
}

function capitals(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}
