/** What a person has given to the engine in the folder that the dagger command reads. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { certificatesIn } from "./certificates.ts";

/** Dagger's configuration folder. */
export function daggerConfigFolder(env: NodeJS.ProcessEnv = process.env): string {
  const system = process.platform === "darwin" ? "Library/Application Support" : ".config";
  return join(env.XDG_CONFIG_HOME || join(homedir(), system), "dagger");
}

/** The authorities in its `ca-certificates`, in PEM. */
export function userCertificates(folder: string = daggerConfigFolder()): string[] {
  const path = join(folder, "ca-certificates");
  if (!existsSync(path)) return [];
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return files.flatMap((file) => certificatesIn(readFileSync(join(path, file.name), "utf8")));
}

/** The engine's configuration file there, if the person has one. */
export function userEngineConfig(folder: string = daggerConfigFolder()): string | undefined {
  const path = join(folder, "engine.json");
  return existsSync(path) ? path : undefined;
}
