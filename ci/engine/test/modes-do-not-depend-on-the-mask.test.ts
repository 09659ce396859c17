import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { versions } from "../versions.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mask-"));
  writeFileSync(join(folder, "dagger"), `#!/bin/sh\necho "dagger ${versions.engine.dagger} (test)"\n`);
  chmodSync(join(folder, "dagger"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(["077", "027", "000"])(
  "under umask %s others can read what the bootstrap makes, and not write it",
  (mask) => {
    const state = join(folder, "state");
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", `umask ${mask}; exec "$@"`, "sh", process.execPath, "--import", "tsx", MAIN, "up"],
      {
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          HOME: folder,
          MISTERSMITH_STATE: state,
          // An engine of the person's own: nothing is to be done, but for the lock.
          _EXPERIMENTAL_DAGGER_RUNNER_HOST: "tcp://127.0.0.1:1",
        },
        encoding: "utf8",
      },
    );
    expect(status, stderr).toBe(0);
    expect((statSync(`${state}.lock`).mode & 0o777).toString(8)).toBe("644");
  },
);
