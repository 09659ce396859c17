/** A server with a release of the dagger command as the SDK's provisioning expects it, and ways to be a bad one. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ARCHIVE = "/dagger.tar.gz";
const CHECKSUMS = "/checksums.txt";
/** The SDK's module; overriding its addresses is what it offers to tests. */
const PROVISIONING = new URL(
  "../../../node_modules/@dagger.io/dagger/dist/src/provisioning/bin.js",
  import.meta.url,
);

/** How the server behaves. */
export interface Release {
  /** What the program prints for `dagger version`. */
  tells?: string;
  checksum?: (right: string) => string;
  /** Answers of the server beside the good ones. */
  archive?: (response: http.ServerResponse, bytes: Buffer) => void;
  checksums?: (response: http.ServerResponse) => void;
  /** Address that is given out instead of the server's own. */
  origin?: string;
}

/** A release that is served until it is disposed of. */
export interface ServedRelease {
  /** `NODE_OPTIONS` of a process whose SDK asks this server. */
  nodeOptions: string;
  /** Take the server away. */
  stop: () => void;
  close: () => void;
}

/** Serve a release on a free port of this machine. */
export async function serveRelease(release: Release = {}): Promise<ServedRelease> {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  const bytes = archiveOf(folder, release.tells ?? "dagger v0.19.10 (image://example/engine) linux/amd64");
  const right = createHash("sha256").update(bytes).digest("hex");
  const sum = release.checksum?.(right) ?? right;
  const answer: http.RequestListener = (request, response) => {
    if (request.url === ARCHIVE) (release.archive ?? ((to) => void to.end(bytes)))(response, bytes);
    else if (request.url !== CHECKSUMS) response.writeHead(404).end();
    else if (release.checksums) release.checksums(response);
    else response.end(`${sum}  dagger.tar.gz\n`);
  };
  const server = http.createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const origin = release.origin ?? `http://localhost:${port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const close = () => {
    stop();
    rmSync(folder, { recursive: true });
  };
  return { nodeOptions: `--import=${preload(folder, origin)}`, stop, close };
}

function archiveOf(folder: string, tells: string): Buffer {
  writeFileSync(join(folder, "dagger"), `#!/bin/sh\necho '${tells}'\n`);
  chmodSync(join(folder, "dagger"), 0o755);
  execFileSync("tar", ["-czf", join(folder, "archive"), "-C", folder, "dagger"]);
  return readFileSync(join(folder, "archive"));
}

function preload(folder: string, origin: string): string {
  const path = join(folder, "preload.mjs");
  const lines = [
    `import { _overrideCLIURL, _overrideCLIChecksumsURL } from ${JSON.stringify(PROVISIONING.href)};`,
    `_overrideCLIURL(${JSON.stringify(origin + ARCHIVE)});`,
    `_overrideCLIChecksumsURL(${JSON.stringify(origin + CHECKSUMS)});`,
  ];
  writeFileSync(path, lines.join("\n"));
  return path;
}
