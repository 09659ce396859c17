/**
 * Every test of the project, ending with `N passed, N failed`: unit tests and linters of all languages, the checklist
 * against the built images, a second publication that has to find everything in place, and machines unlike this one.
 * Run: tsx ci/test/main.ts
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { endWithUs, isStopped, stopOnSignals } from "../engine/run-command.ts";
import { reportCall, reportDirectory, root, runDagger } from "../shared/dagger-call.ts";
import { type Count, countOf, countReport, sum } from "./count.ts";

/** A part of the tests. */
interface Part {
  name: string;
  run: () => Promise<Count>;
}

async function unitTests(): Promise<Count> {
  const { output, exitCode } = await runDagger(["test"]);
  return countOf(output, exitCode);
}

/** The main job: its seven rows count, and that it came to an end. */
async function checklist(): Promise<Count> {
  const file = `${root}/${reportDirectory}/report.json`;
  rmSync(file, { force: true });
  const { exitCode } = await runDagger(reportCall);
  if (exitCode !== 0) return { passed: 0, failed: 1 };
  return countReport(JSON.parse(readFileSync(file, "utf8")) as { checks: { status: string }[] });
}

/** The main job has published; the same again must upload nothing, and the plan must say so. */
async function secondPublication(): Promise<Count> {
  const { output, exitCode } = await runDagger(["publish", "--local"]);
  const idle = exitCode === 0 && /present, nothing uploaded/.test(output) && !/^\+ \S+:/m.test(output);
  return idle ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** The worlds that can be played quickly. */
function otherMachines(): Promise<Count> {
  const child = spawn("node_modules/.bin/tsx", ["ci/machines/main.ts", "--when", "test"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithUs(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((done) => {
    child.on("error", () => done({ passed: 0, failed: 1 }));
    child.on("close", (code) => done(countOf(output, code ?? 1)));
  });
}

/** A function of the pipeline that fails when something is wrong. */
async function check(...call: string[]): Promise<Count> {
  const { exitCode } = await runDagger(call);
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const parts: Part[] = [
  { name: "unit tests and linters", run: unitTests },
  { name: "integration checklist", run: checklist },
  { name: "publication is idempotent", run: secondPublication },
  { name: "machines unlike this one", run: otherMachines },
  { name: "the stack comes up", run: () => check("checks", "stack") },
  { name: "every kind of registry", run: () => check("checks", "registry-zoo") },
  { name: "same input, same digest", run: () => check("checks", "reproducible") },
  { name: "images keep the lint's rules", run: () => check("supply-chain", "lint") },
  { name: "a secret of the build stays out of the image", run: () => check("supply-chain", "canary") },
  { name: "licences of the images are allowed", run: () => check("supply-chain", "licences", "entries") },
];

stopOnSignals();
const counts: Count[] = [];
for (const part of parts) {
  if (isStopped()) break;
  console.log(`\n== ${part.name}`);
  const started = Date.now();
  const count = await part.run();
  counts.push(count);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(`== ${part.name}: ${count.passed} passed, ${count.failed} failed, in ${seconds} s`);
}
const total = sum(counts);
process.exitCode = total.failed === 0 && !isStopped() ? 0 : 1;
// Half of the tests say nothing about the project.
console.log(isStopped() ? "\nstopped" : `\n${total.passed} passed, ${total.failed} failed`);
