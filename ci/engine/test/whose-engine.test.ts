/** Whose an engine's container is: one of another user, or of another state folder, is used and left alone. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { removeEngine, stopEngine } from "../engine-container.ts";
import { readContainer } from "../inspect-engine.ts";

const STATE = "/home/me/.cache/mistersmith";
const container = (
  source: string,
  labels: Record<string, string> = { "io.mistersmith.stand-in": "true" },
) => ({
  State: { Running: true },
  Config: { Labels: labels, Env: ["A=1"] },
  Mounts: [
    { Source: "/var/lib/docker/volumes/x/_data", Destination: "/a" },
    { Source: source, Destination: "/b" },
  ],
});

it.each([
  ["this state folder", `${STATE}/engine`, true],
  ["this state folder behind Docker Desktop", `/host_mnt${STATE}/certificates`, true],
  ["another user", "/root/.cache/mistersmith/engine", false],
  ["another state folder of this user", `${STATE}-2/engine`, false],
])("a stand-in of %s, be it of an older version without further labels", (_, source, isKeptHere) => {
  expect(readContainer(container(source), STATE)).toEqual({
    running: true,
    isStandIn: true,
    isKeptHere,
    print: "",
    env: ["A=1"],
    mountPoints: ["/a", "/b"],
  });
});

it("a stock engine, which has no labels and a volume alone", () => {
  const bare = { State: { Running: false }, Config: { Labels: null, Env: null }, Mounts: null };
  expect(readContainer(bare, STATE)).toEqual({
    running: false,
    isStandIn: false,
    isKeptHere: false,
    print: "",
    env: [],
    mountPoints: [],
  });
});

describe("`make down` and `make clean`", () => {
  const work = () => process.env.MISTERSMITH_STATE ?? "";
  afterEach(() => {
    rmSync(work(), { recursive: true });
    vi.unstubAllEnvs();
  });

  /** A docker with two engines, of which the newer one is kept by this state folder. */
  function docker(): void {
    vi.stubEnv("MISTERSMITH_STATE", mkdtempSync(join(tmpdir(), "whose-")));
    const json = (source: string) => JSON.stringify(container(source));
    const script = `#!/bin/sh
echo "$*" >>${work()}/calls
case "$*" in
"container ps "*) printf 'dagger-engine-v1.0.0\\ndagger-engine-v2.0.0\\nmistersmith-nats-1\\n' ;;
*inspect*v1.0.0) echo '${json("/root/.cache/mistersmith/engine")}' ;;
*inspect*v2.0.0) echo '${json(`${work()}/engine`)}' ;;
esac
`;
    writeFileSync(join(work(), "docker"), script);
    chmodSync(join(work(), "docker"), 0o755);
    vi.stubEnv("PATH", `${work()}:/usr/bin:/bin`);
  }
  const changes = () =>
    readFileSync(join(work(), "calls"), "utf8")
      .split("\n")
      .filter((call) => /^(stop|rm|image rm|volume rm)\b/.test(call));

  it("stop the engine that this state folder keeps, and no other", async () => {
    docker();
    expect(await stopEngine()).toBe(true);
    expect(changes()).toEqual(["stop --time 20 dagger-engine-v2.0.0"]);
  });

  it("remove what this state folder keeps, and no other's", async () => {
    docker();
    await removeEngine();
    expect(changes()).toHaveLength(3);
    for (const change of changes()) expect(change).toMatch(/v2\.0\.0$/);
  });
});
