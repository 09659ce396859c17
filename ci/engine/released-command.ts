/** Dagger's released command, as Dagger's own TypeScript SDK fetches and verifies it. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostCertificates } from "./certificates.ts";
import { versionIn } from "./dagger-version.ts";
import { runCommand } from "./run-command.ts";
import { stateDir, statePath } from "./state.ts";

const FETCH = fileURLToPath(new URL("fetch-command.ts", import.meta.url));
const LIMIT_MS = 300_000;

/**
 * Download the command of a version to a path.
 *
 * @param version as `v1.2.3`
 * @param limitMs how long the whole of it may take
 * @returns why it could not be had; undefined when it is there and tells that version
 */
export async function downloadCommand(
  version: string,
  to: string,
  limitMs = LIMIT_MS,
): Promise<string | undefined> {
  const folder = join(stateDir(), "download");
  try {
    const args = ["--import", "tsx", FETCH, version];
    const env = { XDG_CACHE_HOME: folder, ...extraAuthorities() };
    // In a process of its own: the SDK sets no time limit, and its cache folder when it is imported.
    const fetched = await runCommand(process.execPath, args, { cwd: dirname(FETCH), env, limitMs });
    if (fetched.exitCode !== 0) return fetched.stderr.trim().split("\n").at(-1) || "no reason was given";
    const program = fetched.stdout.trim();
    const told = versionIn((await runCommand(program, ["version"])).stdout);
    if (told !== version) return `the command that came tells ${told ?? "no version"} instead of ${version}`;
    mkdirSync(dirname(to), { recursive: true });
    // The SDK lets its owner alone run it; a link may serve all users.
    chmodSync(program, 0o755);
    renameSync(program, to);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Node brings its own authorities; those of the machine come in a file. */
function extraAuthorities(): { NODE_EXTRA_CA_CERTS?: string } {
  const certificates = hostCertificates();
  if (certificates.length === 0) return {};
  const file = statePath("download", "authorities.pem");
  writeFileSync(file, `${certificates.join("\n")}\n`);
  return { NODE_EXTRA_CA_CERTS: file };
}
