/**
 * Fetches Dagger's released command by the provisioning of Dagger's TypeScript SDK, which knows the host, the archive of
 * this platform and its checksum. Prints the path of the program, or on standard error why there is none.
 * Run: tsx ci/engine/fetch-command.ts VERSION (with XDG_CACHE_HOME, below which the program is put)
 */
import https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";

const ANSWER_MS = 10_000;

/** What we use of the SDK's class. Its entry point does not export it: only with it is there no engine session. */
interface Provisioning {
  cliArchiveURL: () => string;
  expectedChecksum: () => Promise<string>;
  /** Fetches, compares the checksum and unpacks; gives the program's path. */
  downloadCLI: () => Promise<string>;
}

async function provisioning(version: string): Promise<Provisioning> {
  const module = new URL("provisioning/bin.js", import.meta.resolve("@dagger.io/dagger"));
  const { Bin } = (await import(module.href)) as {
    Bin: new (program: undefined, version: string) => Provisioning;
  };
  return new Bin(undefined, version.replace(/^v/, ""));
}

/** Node asks for no proxy by itself before version 22. */
function honourProxy(url: string): void {
  const proxy = getProxyForUrl(url);
  if (proxy !== "") https.globalAgent = new HttpsProxyAgent(proxy);
}

async function answerOf<T>(answer: Promise<T>, url: string): Promise<T> {
  const silence = delay(ANSWER_MS).then(() => {
    throw new Error(`${new URL(url).host} does not answer within ${ANSWER_MS / 1000} s`);
  });
  return await Promise.race([answer, silence]);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? inWords(error) : error);
  process.exit(1);
}

/** Of a host with several addresses Node collects the errors, and then has no message: its code is all there is. */
function inWords(error: Error & { code?: string }): string {
  const text = error.message.replaceAll("\n", " ").trim();
  return error.code === undefined || text.includes(error.code) ? text : `${text} ${error.code}`;
}

// The SDK writes the archive without listening to the disk's errors.
process.on("uncaughtException", fail);
try {
  const released = await provisioning(process.argv[2] ?? "");
  honourProxy(released.cliArchiveURL());
  // The checksum comes first: a small answer tells whether the host is to be reached at all.
  await answerOf(released.expectedChecksum(), released.cliArchiveURL());
  console.log(await released.downloadCLI());
  process.exit(0);
} catch (error) {
  fail(error);
}
