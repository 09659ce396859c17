/**
 * The whole system on this machine, run by Docker Compose from the emitted file.
 * Run: tsx ci/stack/main.ts up [--demo] [--observability] [--images DIR] | down [--volumes]
 */
import { parseArgs } from "node:util";
import { isStopped, signalRunning } from "../engine/run-command.ts";
import { readApiKey } from "./api-key.ts";
import { down } from "./down.ts";
import { StackError } from "./stack-error.ts";
import { up } from "./up.ts";

const STOPPED = "  stopped; `make stack-down` removes what was started";
/** As a shell reports a program that SIGINT ended. */
const EXIT_STOPPED = 130;

/** What programs get to end after a signal; who only waits for another run has none to wait for. */
const END_MS = 3000;

const options = {
  demo: { type: "boolean", default: false },
  images: { type: "string" },
  observability: { type: "boolean", default: false },
  volumes: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command] = positionals;
  const { demo, images, observability, volumes } = values;
  if (command === "up") {
    const key = demo ? undefined : readApiKey();
    const given = { ...(key && { anthropicApiKey: key }), ...(images && { images }) };
    console.log(await up({ demo, observability, ...given }));
  } else if (command === "down") await down(volumes);
  else throw new StackError("MS-STACK-008", `there is no command "${command ?? ""}"`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    signalRunning(signal);
    setTimeout(endStopped, END_MS).unref();
  });

function endStopped(): void {
  console.error(STOPPED);
  process.exit(EXIT_STOPPED);
}

try {
  await main();
} catch (error) {
  if (isStopped()) console.error(STOPPED);
  else console.error(error instanceof Error && /^MS-/.test(error.message) ? error.message : error);
  process.exitCode = isStopped() ? EXIT_STOPPED : 1;
}
