import { readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { up } from "../up.ts";
import { stubProgram } from "./support/stub-program.ts";
import { TryMachine } from "./support/try-stack.ts";

interface Mounts {
  services: Record<string, { volumes?: { type: string; source?: string }[] }>;
  secrets?: Record<string, { file: string }>;
  configs?: Record<string, { file: string }>;
}

let machine: TryMachine;
let umask: number;

beforeEach(() => {
  umask = process.umask();
  machine = new TryMachine();
  machine.writeImages();
});
afterEach(() => {
  process.umask(umask);
  machine.remove();
});

const start = () => up({ demo: true, observability: true, images: machine.images });

/** Every file of this machine that a container mounts. */
function mounted(): string[] {
  return ["docker-compose.yml", "demo.yml"].flatMap((name) => {
    const file = parse(readFileSync(`${machine.stack}/${name}`, "utf8")) as Mounts;
    const volumes = Object.values(file.services).flatMap(({ volumes: list = [] }) => list);
    const bound = volumes.flatMap(({ type, source = "" }) => (type === "bind" ? [source] : []));
    const files = [...Object.values(file.secrets ?? {}), ...Object.values(file.configs ?? {})];
    return [...bound, ...files.map((entry) => entry.file)];
  });
}

it.each([0o077, 0o027, 0o777])("under umask %o others than the owner read every one", async (mask) => {
  process.umask(mask);
  await start();
  const paths = mounted();
  for (const path of ["./messages-api.mjs", "./nats.conf", "./prometheus.yml"]) expect(paths).toContain(path);
  for (const path of paths) expect(statSync(`${machine.stack}/${path}`).mode & 0o444, path).toBe(0o444);
});

it("under umask 0 nobody else gets at the keys", async () => {
  process.umask(0);
  await start();
  for (const path of ["", "secrets"]) expect(statSync(`${machine.stack}/${path}`).mode & 0o777).toBe(0o700);
});

describe("where Docker uses SELinux", () => {
  const CONFINED = "[name=seccomp,profile=builtin name=selinux name=cgroupns]\n";
  const labels = () => machine.calls.filter((call) => call.startsWith("chcon "));

  beforeEach(() => stubProgram(machine.place, "chcon", []));

  it("the files get the label that `:z` gives, before a container mounts them", async () => {
    machine.docker(["info*", { stdout: CONFINED }]);
    await start();
    expect(labels()).toEqual([`chcon --recursive --type container_file_t --range s0 ${machine.stack}`]);
    const place = (pattern: RegExp) => machine.calls.findIndex((call) => pattern.test(call));
    expect(place(/^chcon /)).toBeLessThan(place(/^docker compose .* up /));
  });

  it("a file system without labels is told, and nothing is started", async () => {
    machine.docker(["info*", { stdout: CONFINED }]);
    const words = `chcon: failed to change context of '${machine.stack}': Operation not supported`;
    stubProgram(machine.place, "chcon", [["*", { exitCode: 1, stderr: `${words}\n` }]]);
    await expect(start()).rejects.toThrow(`MS-STACK-016 chcon of ${machine.stack}: ${words}. Next: `);
    expect(machine.calls.some((call) => / up /.test(call))).toBe(false);
  });

  it("elsewhere nothing is labelled", async () => {
    await start();
    expect(labels()).toEqual([]);
  });
});
