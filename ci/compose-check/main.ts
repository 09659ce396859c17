/**
 * The seven rows and what only Docker Compose can show, against the emitted compose file on a real Docker engine.
 * Run as root on Linux: tsx ci/compose-check/main.ts [--rows 1,4] [--images DIR]; ends with `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { settingNames } from "../../dagger/src/emit/compose-settings.ts";
import { fileOf, parseRows, ROWS } from "../checklist/rows.ts";
import { runCommand } from "../engine/run-command.ts";
import { CheckError } from "../shared/check-error.ts";
import { root, runDagger } from "../shared/dagger-call.ts";
import { readObservedSystem, readSystem } from "../shared/read-system.ts";
import { type ComposeCommand, composeCommand } from "../stack/compose-command.ts";
import { imagesThere, loadedReferences, loadImages, removeImages } from "../stack/load-images.ts";
import { withoutComposeSettings } from "../stack/project.ts";
import { labelForContainers } from "../stack/selinux.ts";
import { StackError } from "../stack/stack-error.ts";
import { alone } from "../stack/stack-lock.ts";
import { checkMachine, handBack } from "./support/machine.ts";

const PROJECT = "ms-compose-check";
const OUT = `${root}/out/compose-check`;
const OWN_FILE = "compose-check/compose.test.ts";

async function imagesOf(given: string | undefined): Promise<string> {
  if (given) return given;
  const { exitCode } = await runDagger(["images", "export", "--path", `${OUT}/images`]);
  if (exitCode !== 0) throw new StackError("MS-STACK-004", `\`dagger call images\` ended with ${exitCode}`);
  return `${OUT}/images`;
}

function runTests(files: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const config = ["--root", `${root}/ci`, "--config", `${root}/ci/compose-check/vitest.config.ts`];
  const vitest = [`${root}/node_modules/vitest/vitest.mjs`, "run", ...config, ...files];
  const child = spawn(process.execPath, vitest, { stdio: "inherit", env });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code) => done(code ?? 1));
  });
}

/** A test that did not come to run has failed. */
function countLine(code: number): string {
  const file = `${OUT}/vitest.json`;
  if (!existsSync(file)) return "0 passed, 1 failed";
  const { numPassedTests: passed, numTotalTests: total } = JSON.parse(readFileSync(file, "utf8")) as {
    numPassedTests: number;
    numTotalTests: number;
  };
  return `${passed} passed, ${Math.max(total - passed, code === 0 ? 0 : 1)} failed`;
}

/** Removes what a run leaves, also one that was killed; from where no file of another project is. */
async function removeAll([program, ...words]: ComposeCommand): Promise<void> {
  const down = ["--project-name", PROJECT, "down", "--volumes", "--remove-orphans", "--timeout", "5"];
  await runCommand(program, [...words, ...down], { cwd: "/", env: withoutComposeSettings() });
}

async function check(files: readonly string[], given: string | undefined, endpoint: string): Promise<number> {
  const system = readSystem(root);
  const command = await composeCommand();
  const before = await imagesThere();
  const images = await loadImages(await imagesOf(given), system);
  rmSync(`${OUT}/vitest.json`, { force: true });
  mkdirSync(OUT, { recursive: true });
  const workDir = mkdtempSync(`${tmpdir()}/ms-compose-check-`);
  await labelForContainers(workDir);
  const env = {
    ...process.env,
    ...withoutComposeSettings(),
    // What a person's own stack is to be like.
    ...Object.fromEntries(settingNames(readObservedSystem(root)).map((name) => [name, undefined])),
    DOCKER_HOST: endpoint,
    CHECKLIST_ROOT: root,
    CHECKLIST_WORK_DIR: workDir,
    OUT_DIR: OUT,
    CHECKLIST_COMPOSE: JSON.stringify({ command, project: PROJECT, images }),
  };
  await removeAll(command);
  const code = await runTests(files, env);
  await removeAll(command);
  // A stack that is taken down may have the others.
  const loaded = loadedReferences(Object.values(images).join("\n"));
  await removeImages(loaded.filter((reference) => !before.includes(reference)));
  rmSync(workDir, { recursive: true, force: true });
  console.log(`\n${countLine(code)}`);
  return code;
}

async function main(): Promise<number> {
  const options = { rows: { type: "string", default: "1,2,3,4,5,6,7" }, images: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const rows = parseRows(values.rows);
  if (!rows) throw new CheckError("MS-CHECK-014", "--rows is no list of rows");
  const endpoint = await checkMachine();
  const chosen = ROWS.filter((row) => rows.includes(row.id)).map((row) => `checklist/${fileOf(row)}`);
  return alone(PROJECT, () => check([...chosen, OWN_FILE], values.images, endpoint));
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error && /^MS-/.test(error.message) ? error.message : error);
  process.exitCode = 1;
} finally {
  await handBack(`${root}/out`);
}
