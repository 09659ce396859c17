/** Where a deployment puts the files of a service inside its container. */
import type { EnvSpec } from "../spec/service-spec.ts";

/** Path of a secret's file inside a container. */
export function secretPath(secret: string): string {
  return `/run/secrets/${secret}`;
}

/** Path of a configuration value's file inside a container. */
export function configPath(config: string): string {
  return `/run/config/${config}`;
}

/** Name of the variable that names a file with the value instead of holding it. */
export function fileVariable(variable: EnvSpec): string {
  return `${variable.name}_FILE`;
}
