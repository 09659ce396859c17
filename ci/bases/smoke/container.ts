import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../engine/run-command.ts";
import { stateDir } from "../../engine/state.ts";
import { LAYOUT_TAG } from "../build-base.ts";

const WAIT_MS = 30_000;
const PAUSE_MS = 200;

/** Run docker; a bad exit fails the test with what docker printed. */
export async function docker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand("docker", args);
  if (exitCode !== 0) throw new Error(`docker ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
  return stdout.trim();
}

const loaded = new Set<string>();

/** Take back from the Docker daemon what `load` gave it. */
export async function unload(): Promise<void> {
  if (loaded.size > 0) await docker("image", "rm", "--force", ...loaded);
}

/** Give the Docker daemon a base that is built, and return the name that it has there. */
export async function load(name: string): Promise<string> {
  const layout = join(stateDir(), "bases", "images", name);
  if (!existsSync(layout)) throw new Error(`${layout} is missing: build the bases first`);
  const image = `mistersmith-smoke/${name}:latest`;
  const { exitCode, stderr } = await runCommand("skopeo", [
    "copy",
    "--quiet",
    `oci:${layout}:${LAYOUT_TAG}`,
    `docker-daemon:${image}`,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  loaded.add(image);
  return image;
}

/** A running container that ends with its block (`await using`). */
export class Container {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  static async start(...args: string[]): Promise<Container> {
    return new Container(await docker("run", "--detach", ...args));
  }

  exec(...command: string[]): Promise<string> {
    return docker("exec", this.id, ...command);
  }

  /** Address on this machine of a port that was published. */
  async address(port: number): Promise<string> {
    return (await docker("port", this.id, String(port))).split("\n")[0] ?? "";
  }

  /** Wait until an attempt succeeds; its last error and the container's log tell why not. */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > end) throw new Error(`${error}\n${await this.logs()}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  async logs(): Promise<string> {
    const { stdout, stderr } = await runCommand("docker", ["logs", this.id]);
    return stdout + stderr;
  }

  /** Send a signal and return the exit code. */
  async end(signal: string): Promise<number> {
    await docker("kill", "--signal", signal, this.id);
    return Number(await docker("wait", this.id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker("rm", "--force", "--volumes", this.id);
  }
}
