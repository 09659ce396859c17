/**
 * An engine anywhere. Run: tsx ci/engine/main.ts up|down|clean|status
 *
 * `up` brings up a Dagger engine and the dagger command; `down` ends what it started; `clean` also removes what it made.
 */
import { rmSync } from "node:fs";
import { baseRegistryRuns, stopBaseRegistry } from "./base-registry.ts";
import { unlinkCommand } from "./command-link.ts";
import { dockerAnswers, stopDocker } from "./docker-daemon.ts";
import { inspectEngine, removeEngine, stopEngine } from "./engine-container.ts";
import { EngineError } from "./engine-error.ts";
import { withLock } from "./lock.ts";
import { signalRunning } from "./run-command.ts";
import { stateDir } from "./state.ts";
import { up } from "./up.ts";
import { versions } from "./versions.ts";

async function status(): Promise<void> {
  const docker = await dockerAnswers();
  const line = (name: string, value: string): void => console.log(`${name.padEnd(16)}${value}`);
  line("docker", docker ? "answers" : "does not answer");
  line("engine", (await inspectEngine())?.running ? `${versions.engine.dagger} runs` : "does not run");
  line("base registry", docker && (await baseRegistryRuns()) ? "runs" : "does not run");
  line("state", stateDir());
}

async function down(): Promise<void> {
  if (await dockerAnswers()) await stopEngine();
  await stopBaseRegistry();
  await stopDocker();
}

async function clean(): Promise<void> {
  if (await dockerAnswers()) await removeEngine();
  await down();
  unlinkCommand();
  rmSync(stateDir(), { recursive: true, force: true });
}

async function bringUp(): Promise<void> {
  const started = Date.now();
  const plan = await up();
  console.error(
    `  engine ${versions.engine.dagger} (${plan.engine}) is up after ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
}

const commands: Readonly<Record<string, () => Promise<void>>> = { up: bringUp, down, clean, status };

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    signalRunning(signal);
    process.exitCode = 1;
  });

const name = process.argv[2] ?? "";
try {
  const run = commands[name];
  if (!run) throw new EngineError("MS-ENGINE-009", `there is no command "${name}"`);
  await (name === "status" ? run() : withLock(`${stateDir()}.lock`, run));
} catch (error) {
  console.error(error instanceof EngineError ? error.message : error);
  process.exitCode = 1;
}
