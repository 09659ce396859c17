/** A machine for one test: a state folder of its own, and programs of ours before the system's. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";

/** What a test does with it. */
export interface StubMachine {
  /** First folder of the PATH. */
  folder: () => string;
  /** Puts a program there, a script for sh. */
  program: (name: string, body: string) => void;
}

/** Makes one before each test of the file, and takes it away after; nothing is printed as progress meanwhile. */
export function stubMachine(name: string): StubMachine {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), `${name}-`));
    vi.stubEnv("MISTERSMITH_STATE", join(work, "state"));
    vi.stubEnv("PATH", `${work}:/usr/bin:/bin`);
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(work, { recursive: true });
  });
  return {
    folder: () => work,
    program: (program, body) => {
      writeFileSync(join(work, program), `#!/bin/sh\n${body}\n`);
      chmodSync(join(work, program), 0o755);
    },
  };
}
