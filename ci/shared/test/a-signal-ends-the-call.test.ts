/** Whoever stops `make run` or `make test` leaves no command of Dagger behind that goes on building. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "../dagger-call.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A command that says its pid on the progress, and ends by the signal alone. */
function program(): NodeJS.ProcessEnv {
  mkdirSync(join(folder, "bin"));
  const file = join(folder, "bin", "dagger");
  writeFileSync(file, '#!/bin/sh\necho "pid $$." >&2\nexec sleep 600\n');
  chmodSync(file, 0o755);
  return {
    ...process.env,
    PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
    MISTERSMITH_STATE: folder,
  };
}

it.each([
  ["ci/run/call.ts", ["functions"]],
  ["ci/test/main.ts", []],
])("SIGTERM to %s ends what it called, and begins nothing more", async (script, words) => {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...words], { cwd: root, env: program() });
  let text = "";
  let pid = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      text += chunk;
      const started = /pid (\d+)\./.exec(text)?.[1];
      if (started === undefined || pid !== 0) return;
      pid = Number(started);
      child.kill("SIGTERM");
    });
  const [code] = await once(child, "close");
  expect(code).not.toBe(0);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(text.match(/pid \d+\./g)).toHaveLength(1);
  expect(text).not.toMatch(/\d+ passed, \d+ failed\s*$/);
});
