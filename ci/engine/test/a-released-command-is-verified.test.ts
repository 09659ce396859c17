/** The released command is taken as it was released or not at all, and a bad peer costs seconds. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import http, { type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { downloadCommand } from "../released-command.ts";
import { type Release, type ServedRelease, serveRelease } from "./fake-release.ts";

const VERSION = "v0.19.10";
let state: string;
let program: string;
let served: ServedRelease | undefined;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "command-"));
  program = join(state, "bin", "dagger");
  vi.stubEnv("MISTERSMITH_STATE", state);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  served?.close();
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true });
});

async function download(release: Release = {}): Promise<string | undefined> {
  served = await serveRelease(release);
  vi.stubEnv("NODE_OPTIONS", served.nodeOptions);
  return await downloadCommand(VERSION, program);
}

describe("the released command", () => {
  it("comes to its place, and nothing else stays", async () => {
    expect(await download()).toBeUndefined();
    expect(execFileSync(program, ["version"], { encoding: "utf8" })).toContain(VERSION);
    expect(statSync(program).mode & 0o777).toBe(0o755);
    expect(readdirSync(state)).toEqual(["bin"]);
  });

  const cases: { what: string; release: Release; reason: RegExp }[] = [
    {
      what: "another checksum",
      release: { checksum: () => "0".repeat(64) },
      reason: /checksum mismatch: expected 0{64}/,
    },
    {
      what: "no checksum for this platform",
      release: { checksums: (response) => void response.end("abc  another.tar.gz\n") },
      reason: /failed to find checksum/,
    },
    {
      what: "no such release",
      release: { checksums: (response) => void response.writeHead(404).end() },
      reason: /failed to download checksums/,
    },
    {
      what: "half an archive",
      release: {
        archive: (response, bytes) => {
          response.writeHead(200, { "content-length": bytes.length });
          response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
        },
      },
      reason: /failed to download/,
    },
    {
      what: "a page where the archive should be",
      release: { archive: (response) => void response.end("<html>please log in</html>") },
      reason: /failed to download/,
    },
    {
      what: "the program of another version",
      release: { tells: "dagger v0.19.9 (image://example/engine) linux/amd64" },
      reason: /tells v0\.19\.9 instead of v0\.19\.10/,
    },
    {
      what: "silence",
      release: { checksums: () => {} },
      reason: /does not answer within 10 s/,
    },
  ];
  it.each(cases)("is not taken from a server with $what", async ({ release, reason }) => {
    expect(await download(release)).toMatch(reason);
    expect(existsSync(program)).toBe(false);
    expect(readdirSync(state)).toEqual([]);
  });

  it("is not waited for when the archive stops halfway", async () => {
    const half = (response: ServerResponse, bytes: Buffer) => void response.write(bytes.subarray(0, 100));
    served = await serveRelease({ archive: half });
    vi.stubEnv("NODE_OPTIONS", served.nodeOptions);
    expect(await downloadCommand(VERSION, program, 4000)).toBe("no end within 4 s");
    expect(readdirSync(state)).toEqual([]);
  });

  it("cannot be had from a host that is gone", async () => {
    served = await serveRelease();
    served.stop();
    vi.stubEnv("NODE_OPTIONS", served.nodeOptions);
    expect(await downloadCommand(VERSION, program)).toMatch(/ECONNREFUSED/);
  });
});

describe("behind a proxy", () => {
  const origin = "https://releases.example";

  it("the proxy is asked, with the name and password in its address", async () => {
    const proxy = await refusingProxy();
    vi.stubEnv("HTTPS_PROXY", `http://someone:secret@127.0.0.1:${proxy.port}`);
    const reason = await download({ origin });
    expect(proxy.asked).toEqual([`releases.example:443 Basic ${btoa("someone:secret")}`]);
    expect(reason).toMatch(/failed to download checksums/);
    expect(reason).not.toContain("secret");
    proxy.close();
  });

  it("that is gone, the reason names no password", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://someone:secret@127.0.0.1:1");
    const reason = await download({ origin });
    expect(reason).toMatch(/ECONNREFUSED/);
    expect(reason).not.toContain("secret");
  });

  it("hosts of NO_PROXY are asked themselves", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("NO_PROXY", "localhost");
    expect(await download({ origin: "https://localhost:2" })).toMatch(/(?=.*ECONNREFUSED).*:2\b/);
  });
});

/** A proxy that notes what it is asked for, and lets nothing through. */
async function refusingProxy(): Promise<{ asked: string[]; port: number; close: () => void }> {
  const asked: string[] = [];
  const server = http.createServer();
  server.on("connect", (request, client) => {
    asked.push(`${request.url} ${request.headers["proxy-authorization"]}`);
    client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, port: (server.address() as AddressInfo).port, close };
}
