/** Every file that `docker compose up` needs, with the keys of one deployment. */
import { type ComposeOptions, emitCompose } from "../emit/compose.ts";
import { emitEnvExample } from "../emit/compose-settings.ts";
import { emitNatsConf, type NatsPermissions } from "../emit/nats-conf.ts";
import { emitPrometheusConf, PROMETHEUS_CONF } from "../emit/prometheus-conf.ts";
import { type SystemSpec, serviceOf } from "../spec/service-spec.ts";
import type { DeploymentKeys } from "./deployment-keys.ts";

/** Name of the compose file. */
export const COMPOSE_FILE = "docker-compose.yml";

/** Holds the public nkey of each role, so that the server's configuration can be made again. */
export const NATS_PUBLIC_KEYS_FILE = "nats-public-keys.json";

/** Holds a token with every scope. */
export const OPERATOR_TOKEN_FILE = "operator-token";

/** One file, below the directory of the deployment. */
export interface DeploymentFile {
  path: string;
  content: string;
  mode: number;
  /** Whether containers see it: they have to be made anew when it changes. */
  isMounted: boolean;
  /** Whether its content must be in no log. */
  isSecret: boolean;
}

const PUBLIC_MODE = 0o644;
const PRIVATE_MODE = 0o600;
// Compose mounts these as they are, and the services do not run as the person who owns them.
const SECRET_MODE = 0o444;

/**
 * Makes all files. Files of secrets can be read by everybody: their directory must keep others out. The public keys come last:
 * where they are, everything else has been written.
 */
export function composeFiles(
  system: SystemSpec,
  permissions: NatsPermissions,
  keys: DeploymentKeys,
  options: ComposeOptions,
): DeploymentFile[] {
  const isObserved = [...system.values()].some(({ configFiles }) =>
    configFiles.some(({ source }) => source === PROMETHEUS_CONF),
  );
  const natsConf = emitNatsConf(serviceOf(system, "nats"), permissions, keys.natsPublicKeys);
  const publicKeys = `${JSON.stringify(keys.natsPublicKeys, null, 2)}\n`;
  return [
    plain(COMPOSE_FILE, emitCompose(system, options)),
    plain(".env.example", emitEnvExample(system)),
    mounted("nats.conf", natsConf),
    ...(isObserved ? [mounted("prometheus.yml", emitPrometheusConf(system))] : []),
    { ...plain(OPERATOR_TOKEN_FILE, keys.operatorToken, PRIVATE_MODE), isSecret: true },
    ...Object.entries(keys.secrets).map(([name, value]) => ({
      ...mounted(`secrets/${name}`, value, SECRET_MODE),
      isSecret: true,
    })),
    ...Object.entries(keys.config).map(([name, value]) => mounted(`config/${name}`, value)),
    plain(NATS_PUBLIC_KEYS_FILE, publicKeys),
  ];
}

function plain(path: string, content: string, mode = PUBLIC_MODE): DeploymentFile {
  return { path, content, mode, isMounted: false, isSecret: false };
}

function mounted(path: string, content: string, mode = PUBLIC_MODE): DeploymentFile {
  return { path, content, mode, isMounted: true, isSecret: false };
}
