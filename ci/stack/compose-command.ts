/** Docker Compose: the plugin of the machine where there is one, else built from its Go module. */
import { fileURLToPath } from "node:url";
import { VERSIONS } from "../bases/versions.ts";
import { docker } from "../engine/docker-daemon.ts";
import { fingerprint, hashFiles } from "../engine/fingerprint.ts";
import { goBuildEnvironment, whyNoGo } from "../engine/go-toolchain.ts";
import { statePath } from "../engine/state.ts";
import { step } from "../engine/step.ts";
import { StackError } from "./stack-error.ts";

const MODULE = fileURLToPath(new URL("compose-binary", import.meta.url));
const MODULE_PATH = "github.com/docker/compose/v2";
/** The first that waits for `service_completed_successfully` under `up --wait`. */
const OLDEST = [2, 21] as const;

/** Words of the command line before compose's own arguments. */
export type ComposeCommand = readonly [string, ...string[]];

/**
 * Finds compose, or builds it once.
 *
 * @throws StackError MS-STACK-002 when there is neither a plugin nor a Go that can build it
 */
export async function composeCommand(): Promise<ComposeCommand> {
  const { exitCode, stdout } = await docker("compose", "version", "--short");
  if (exitCode === 0 && isRecent(stdout)) return ["docker", "compose"];
  const binary = statePath("bin", "docker-compose");
  await build(binary);
  return [binary];
}

/** Whether a version is one that does what the emitted file asks for. */
export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.trim().replace(/^v/, "").split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function build(binary: string): Promise<void> {
  const version = VERSIONS.go["docker-compose"]?.version ?? "";
  const flags = `-s -w -X ${MODULE_PATH}/internal.Version=${version}`;
  const args = ["build", "-trimpath", "-ldflags", flags, "-o", binary, `${MODULE_PATH}/cmd`];
  const inputs = { args: args.filter((word) => word !== binary), module: hashFiles([MODULE]) };
  await step("docker-compose", fingerprint(inputs), [binary], async ({ run }) => {
    const reason = await whyNoGo();
    if (reason !== undefined)
      throw new StackError("MS-STACK-002", `docker has no compose plugin, and ${reason}`);
    await run("go", args, { cwd: MODULE, env: goBuildEnvironment() });
  });
}
