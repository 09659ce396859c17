/**
 * An engine anywhere. Run: tsx ci/engine/main.ts up|down|clean|status
 *
 * `up` brings up a Dagger engine and the dagger command; `down` ends what it started; `clean` also removes what it made.
 */
import { rmSync } from "node:fs";
import { baseRegistryRuns, stopBaseRegistry } from "./base-registry.ts";
import { removeDaggerCommand } from "./dagger-command.ts";
import { docker, dockerAnswers, stopDocker } from "./docker-daemon.ts";
import { engineRuns, engineStateDir, stopEngine } from "./engine-container.ts";
import { EngineError } from "./engine-error.ts";
import { decidedMode } from "./host.ts";
import { signalRunning } from "./run-command.ts";
import { stateDir } from "./state.ts";
import { up } from "./up.ts";
import { engineContainer, engineImage, versions } from "./versions.ts";

async function status(): Promise<void> {
  const docker = await dockerAnswers();
  const line = (name: string, value: string): void => console.log(`${name.padEnd(16)}${value}`);
  line("mode", decidedMode());
  line("docker", docker ? "answers" : "does not answer");
  line("engine", docker && (await engineRuns()) ? `${versions.engine.dagger} runs` : "does not run");
  line("base registry", docker && (await baseRegistryRuns()) ? "runs" : "does not run");
  line("state", stateDir());
}

async function down(): Promise<void> {
  if (await dockerAnswers()) await stopEngine();
  await stopBaseRegistry();
  await stopDocker();
}

async function clean(): Promise<void> {
  const ours = decidedMode() === "stand-in";
  if (ours && (await dockerAnswers())) {
    await stopEngine();
    await docker("rm", "--force", engineContainer);
    await docker("image", "rm", engineImage);
  }
  await down();
  removeDaggerCommand();
  if (ours) rmSync(engineStateDir, { recursive: true, force: true });
  rmSync(stateDir(), { recursive: true, force: true });
}

async function bringUp(): Promise<void> {
  const started = Date.now();
  const mode = await up();
  console.error(
    `  engine ${versions.engine.dagger} (${mode}) is up after ${((Date.now() - started) / 1000).toFixed(1)} s`,
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
  await run();
} catch (error) {
  console.error(error instanceof EngineError ? error.message : error);
  process.exitCode = 1;
}
