/** A machine with a stub of Docker, and the smallest images that can be loaded. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { vi } from "vitest";
import { root } from "../../../shared/dagger-call.ts";
import { readSystem } from "../../../shared/read-system.ts";
import { type Answers, callsOf, stubProgram } from "./stub-program.ts";

/** Docker's answers when there is no stack. */
const NOTHING: Answers = [
  ["context inspect*", { stdout: "unix:///var/run/docker.sock\n" }],
  ["version*", { stdout: "26.1.5\n" }],
  ["compose version*", { stdout: "2.40.3\n" }],
  ["info*", { stdout: "[name=seccomp,profile=builtin name=cgroupns]\n" }],
  ["image inspect*", { exitCode: 1, stderr: "Error response from daemon: No such image\n" }],
  ["compose*port*", { stdout: "127.0.0.1:8080\n" }],
];

/** A volume as `docker volume inspect` shows one that compose or a stack made. */
export function volume(name: string, labels: Readonly<Record<string, string>> = {}, project = "mistersmith") {
  const compose = { "com.docker.compose.project": project, "com.docker.compose.volume": name };
  return { Name: `${project}_${name}`, Driver: "local", Labels: { ...compose, ...labels }, Scope: "local" };
}

/** Docker's answers about containers that were made from a directory, and about volumes. */
export function holding(directories: readonly string[], volumes: readonly { Name: string }[] = []): Answers {
  return [
    ["ps --all*", { stdout: directories.map((directory) => `${directory}\n`).join("") }],
    ["volume ls*", { stdout: volumes.map(({ Name }) => `${Name}\n`).join("") }],
    ["volume inspect*", { stdout: JSON.stringify(volumes) }],
  ];
}

/** A place of its own for one test. */
export class TryMachine {
  readonly place = mkdtempSync(`${tmpdir()}/ms-machine-`);
  readonly stack = `${this.place}/stack`;
  readonly images = `${this.place}/images`;

  constructor() {
    vi.stubEnv("PATH", `${this.place}:${process.env.PATH}`);
    vi.stubEnv("STACK_DIR", this.stack);
    vi.stubEnv("MISTERSMITH_STATE", `${this.place}/state`);
    this.docker();
  }

  /** Docker from now on; what is not answered here is as where there is no stack. */
  docker(...answers: Answers): void {
    stubProgram(this.place, "docker", [...answers, ...NOTHING]);
  }

  /** What docker and others were called with. */
  get calls(): string[] {
    return callsOf(this.place);
  }

  /** The same since the last time this was asked. */
  freshCalls(): string[] {
    const calls = this.calls;
    rmSync(`${this.place}/calls`, { force: true });
    return calls;
  }

  /** Variables that docker was last started with. */
  get environment(): string {
    return readFileSync(`${this.place}/environment`, "utf8");
  }

  /** Layouts of every service; another content makes other images. */
  writeImages(content = "one"): void {
    for (const name of readSystem(root).keys()) writeLayout(`${this.images}/${name}`, `${name} ${content}`);
  }

  remove(): void {
    vi.unstubAllEnvs();
    rmSync(this.place, { recursive: true });
  }
}

function writeLayout(layout: string, content: string): void {
  const blob = (value: unknown): { digest: string } => {
    const text = JSON.stringify(value);
    const hash = createHash("sha256").update(text).digest("hex");
    writeFileSync(`${layout}/blobs/sha256/${hash}`, text);
    return { digest: `sha256:${hash}` };
  };
  mkdirSync(`${layout}/blobs/sha256`, { recursive: true });
  const config = blob({ os: "linux", architecture: "amd64", config: { Labels: { content } } });
  writeFileSync(`${layout}/index.json`, JSON.stringify({ manifests: [blob({ config, layers: [] })] }));
}
