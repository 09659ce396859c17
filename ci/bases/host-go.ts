import { runCommand } from "../engine/run-command.ts";
import { BaseError } from "./base-error.ts";

export interface HostGo {
  /** Such as 1.26.8. */
  version: string;
  /** Folder of the toolchain. */
  root: string;
  /** Where modules come from and how they are verified, when the machine deviates from Go's defaults. */
  settings: Record<string, string>;
}

const SETTINGS = ["GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOINSECURE"];

/** The machine's Go. */
export async function hostGo(): Promise<HostGo> {
  const at = { cwd: "/" };
  const { exitCode, stdout } = await runCommand("go", ["env", "GOVERSION", "GOROOT"], at);
  const [version = "", root = ""] = stdout.trim().split("\n");
  if (exitCode !== 0) throw new BaseError("MS-BASE-003", "the machine has no Go");
  const changed = await runCommand("go", ["env", "-changed", "-json"], at);
  return { version: version.replace(/^go/, ""), root, settings: pickSettings(changed.stdout) };
}

/** The settings that an image needs, of what `go env -changed -json` prints. */
export function pickSettings(json: string): Record<string, string> {
  const all = JSON.parse(json) as Record<string, string>;
  return Object.fromEntries(Object.entries(all).filter(([name]) => SETTINGS.includes(name)));
}
