/**
 * The stock engine where it needs what the dagger command does not give it: the proxies of the shell and the machine's own
 * authorities. Otherwise the first `dagger call` starts it.
 */
import { hostCertificates, writeCertificates } from "./certificates.ts";
import { docker, dockerAnswers, expectDocker } from "./docker-daemon.ts";
import { fingerprint } from "./fingerprint.ts";
import { type EngineContainer, inspectEngine } from "./inspect-engine.ts";
import { engineProxy } from "./proxy.ts";
import { statePath } from "./state.ts";
import { progress } from "./step.ts";
import { userCertificates, userEngineConfig } from "./user-config.ts";
import { engineContainerOf, engineImageOf, fingerprintLabel } from "./versions.ts";
import { waitForSocket } from "./wait-for-engine.ts";

/** Where an engine looks for authorities when it starts. */
const AUTHORITIES = "/usr/local/share/ca-certificates";

/** What a stock engine is given here. */
export interface StockSettings {
  /** Variables, with values that no argument may show. */
  env: Readonly<Record<string, string>>;
  /** Authorities that this machine trusts beyond the usual ones. */
  authorities: readonly string[];
  /** A configuration file of the person's. */
  config?: string | undefined;
}

/**
 * Start the engine of a version with the proxies and authorities of this machine, or leave it to the dagger command where
 * there are none. An engine that the person's command started is left alone, and it is said what it lacks.
 *
 * @throws MS-ENGINE-006 when it does not come up
 */
export async function keepStockEngine(version: string): Promise<void> {
  const { env, problems } = engineProxy(process.env);
  for (const problem of problems) progress("engine", problem.message);
  const settings = { env, authorities: hostCertificates(), config: userEngineConfig() };
  const isNeeded = Object.keys(env).length > 0 || settings.authorities.length > 0;
  const name = engineContainerOf(version);
  const found = await inspectEngine(name);
  if (found === undefined && !isNeeded) return;
  if (found === undefined && !(await dockerAnswers()))
    return progress("engine", "only Docker's engine is given the proxies and authorities of this machine");
  if (found !== undefined && !found.isKeptHere) return tellWhatItLacks(name, found, settings);
  await startStockEngine(version, settings, found);
}

/** Options of `docker run` as the dagger command gives them, and the settings; values of variables are not in it. */
export function stockOptions(name: string, settings: StockSettings, authorities: string): string[] {
  // A volume with a name outlives the container: the cache stays when a proxy changes.
  const volumes = [`${name}:/var/lib/dagger`, `${authorities}:${AUTHORITIES}`];
  if (settings.config !== undefined) volumes.push(`${settings.config}:/etc/dagger/engine.json`);
  return [
    ...["--name", name, "--restart", "always", "--privileged"],
    ...volumes.flatMap((volume) => ["--volume", volume]),
    ...Object.keys(settings.env).flatMap((variable) => ["--env", variable]),
  ];
}

/** What a running engine lacks of the settings, in words; undefined when nothing. */
export function whatIsLacking(found: EngineContainer, settings: StockSettings): string | undefined {
  const hasProxy = Object.entries(settings.env).every(([key, value]) =>
    found.env.includes(`${key}=${value}`),
  );
  if (!hasProxy) return "the proxy of this shell";
  const hasAuthorities = settings.authorities.length === 0 || found.mountPoints.includes(AUTHORITIES);
  return hasAuthorities ? undefined : "the authorities of this machine";
}

function tellWhatItLacks(name: string, found: EngineContainer, settings: StockSettings): void {
  const lacking = whatIsLacking(found, settings);
  // A stand-in has what its keeper's machine has, and is not for another to remove.
  if (lacking === undefined || found.isStandIn) return;
  progress(
    "engine",
    `${name} was started without ${lacking}. To start it anew with them, and with an empty cache:`,
  );
  progress("", `docker rm --force --volumes ${name} && make setup`);
}

async function startStockEngine(
  version: string,
  settings: StockSettings,
  found: EngineContainer | undefined,
): Promise<void> {
  const name = engineContainerOf(version);
  const authorities = [...new Set([...settings.authorities, ...userCertificates()])];
  const folder = statePath("authorities", name);
  const options = stockOptions(name, settings, folder);
  const print = fingerprint({ options, env: settings.env, authorities });
  if (found?.print === print && found.running) return;
  if (found?.print === print) await expectDocker(["start", name]);
  else {
    await docker("rm", "--force", name);
    writeCertificates(folder, authorities);
    const label = ["--label", `${fingerprintLabel}=${print}`];
    const args = ["run", "--detach", ...label, ...options, engineImageOf(version), "--debug"];
    await expectDocker(args, settings.env);
  }
  await waitForSocket(name);
}
