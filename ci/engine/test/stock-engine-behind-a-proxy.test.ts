/** A stock engine is started with the shell's proxies, once for the same ones, and no argument shows a password. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineContainer } from "../inspect-engine.ts";
import { keepStockEngine, stockOptions, whatIsLacking } from "../stock-engine.ts";

const VERSION = "v1.2.3";
const PROXY = "http://someone:s3cret@proxy.example:3128";

let work: string;
let printed: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "stock-"));
  printed = "";
  vi.stubEnv("MISTERSMITH_STATE", join(work, "state"));
  vi.stubEnv("XDG_CONFIG_HOME", join(work, "config"));
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  vi.stubEnv("PATH", `${work}:/usr/bin:/bin`);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  docker();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(work, { recursive: true });
});

/** A docker that remembers the container that it was told to run. */
function docker(source = join(work, "state/authorities")): void {
  const script = `#!/bin/sh
cd ${work}
echo "$*" >>calls
case "$1 $2" in
"container inspect")
  [ -f label ] || { echo "Error: No such container" >&2; exit 1; }
  printf '{"State":{"Running":true},"Config":{"Labels":{"io.mistersmith.fingerprint":"%s"},"Env":[]},"Mounts":[{"Source":"${source}","Destination":"/x"}]}' "$(cat label)" ;;
"rm --force") rm -f label ;;
"run --detach")
  env >environment
  for word; do case "$word" in io.mistersmith.fingerprint=*) printf %s "\${word#*=}" >label ;; esac; done ;;
esac
`;
  writeFileSync(join(work, "docker"), script);
  chmodSync(join(work, "docker"), 0o755);
}

const text = (name: string) => (existsSync(join(work, name)) ? readFileSync(join(work, name), "utf8") : "");
const runs = () =>
  text("calls")
    .split("\n")
    .filter((line) => line.startsWith("run "));

describe("with a proxy", () => {
  it("the engine is started under its stock name, and the password is in no argument, label or line", async () => {
    vi.stubEnv("https_proxy", PROXY);
    await keepStockEngine(VERSION);
    expect(runs()).toHaveLength(1);
    expect(runs()[0]).toMatch(
      /--name dagger-engine-v1\.2\.3 .*--env HTTPS_PROXY --env NO_PROXY .*engine:v1\.2\.3 --debug$/,
    );
    expect(text("environment")).toContain(`HTTPS_PROXY=${PROXY}\n`);
    expect(text("calls") + text("label") + printed).not.toContain("s3cret");
  });

  it("it is started once, and anew when the proxy changes", async () => {
    vi.stubEnv("HTTPS_PROXY", PROXY);
    await keepStockEngine(VERSION);
    await keepStockEngine(VERSION);
    expect(runs()).toHaveLength(1);
    vi.stubEnv("HTTPS_PROXY", "http://other.example:3128");
    await keepStockEngine(VERSION);
    expect(runs()).toHaveLength(2);
    expect(text("environment")).toContain("HTTPS_PROXY=http://other.example:3128\n");
    vi.stubEnv("HTTPS_PROXY", undefined);
    await keepStockEngine(VERSION);
    expect(runs()[2]).not.toContain("--env");
  });

  it("an engine that the person's own command started is left alone, and it is said what to do", async () => {
    docker("/var/lib/docker/volumes/x");
    writeFileSync(join(work, "label"), "");
    vi.stubEnv("HTTPS_PROXY", PROXY);
    await keepStockEngine(VERSION);
    expect(text("calls")).not.toMatch(/^(run|rm|start|stop) /m);
    expect(printed).toContain("docker rm --force --volumes dagger-engine-v1.2.3 && make setup");
  });

  it("on the loopback device alone, the engine goes without and the code is told", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:3128");
    await keepStockEngine(VERSION);
    expect(printed).toMatch(/MS-ENGINE-019 HTTPS_PROXY is http:\/\/127\.0\.0\.1:3128/);
    expect(runs().join()).not.toContain("HTTPS_PROXY");
  });
});

it("the options are those of the dagger command, the authorities, and the names of the variables", () => {
  const settings = {
    env: { HTTP_PROXY: PROXY },
    authorities: [],
    config: "/home/a/.config/dagger/engine.json",
  };
  expect(stockOptions("dagger-engine-v1", settings, "/state/authorities")).toEqual([
    ...["--name", "dagger-engine-v1", "--restart", "always", "--privileged"],
    ...["--volume", "dagger-engine-v1:/var/lib/dagger"],
    ...["--volume", "/state/authorities:/usr/local/share/ca-certificates"],
    ...["--volume", "/home/a/.config/dagger/engine.json:/etc/dagger/engine.json"],
    ...["--env", "HTTP_PROXY"],
  ]);
});

describe("an engine of another's lacks", () => {
  const found: EngineContainer = {
    running: true,
    print: "",
    isStandIn: false,
    isKeptHere: false,
    env: [`HTTP_PROXY=${PROXY}`],
    mountPoints: ["/usr/local/share/ca-certificates"],
  };
  it.each([
    ["nothing", found, undefined],
    ["the proxy", { ...found, env: ["HTTP_PROXY=http://older.example:1"] }, "the proxy of this shell"],
    ["the authorities", { ...found, mountPoints: [] }, "the authorities of this machine"],
  ])("%s", (_, engine, words) => {
    expect(whatIsLacking(engine, { env: { HTTP_PROXY: PROXY }, authorities: ["pem"] })).toBe(words);
  });
});
