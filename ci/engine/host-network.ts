/** What Docker changes in the host's network and does not take back when it ends. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";

const TABLES = ["filter", "nat"] as const;
const FORWARDING = "/proc/sys/net/ipv4/ip_forward";
const DOCKERS = /\bDOCKER|\bdocker0\b/;

interface Noted {
  forwardPolicy: string;
  forwarding: string;
}

/** Note the state before Docker's first start; later calls keep the first note. */
export async function noteNetwork(): Promise<void> {
  if (existsSync(noteFile())) return;
  const { stdout } = await runCommand("iptables-save", ["-t", "filter"]);
  const forwardPolicy = /^:FORWARD (\w+)/m.exec(stdout)?.[1] ?? "ACCEPT";
  const noted: Noted = { forwardPolicy, forwarding: readFileSync(FORWARDING, "utf8").trim() };
  writeFileSync(noteFile(), JSON.stringify(noted));
}

/** Take back Docker's rules and bridge, and restore what was noted; other rules stay. Docker must have ended. */
export async function restoreNetwork(): Promise<void> {
  if (!existsSync(noteFile())) return;
  const noted = JSON.parse(readFileSync(noteFile(), "utf8")) as Noted;
  for (const table of TABLES) {
    const { stdout } = await runCommand("iptables-save", ["-t", table]);
    const input = undoRules(table, stdout, noted.forwardPolicy);
    await runCommand("iptables-restore", ["--noflush"], { input });
  }
  await runCommand("ip", ["link", "delete", "docker0"]);
  writeFileSync(FORWARDING, noted.forwarding);
}

/** Input for `iptables-restore --noflush` that removes Docker's part of what `iptables-save` printed. */
export function undoRules(table: string, saved: string, forwardPolicy: string): string {
  const lines = saved.split("\n");
  const rules = lines.filter((line) => line.startsWith("-A ") && DOCKERS.test(line));
  const chains = lines.map((line) => /^:(DOCKER\S*)/.exec(line)?.[1]).filter((name) => name !== undefined);
  const policy = table === "filter" ? [`:FORWARD ${forwardPolicy} [0:0]`] : [];
  const removed = [...rules.map((rule) => rule.replace(/^-A/, "-D")), ...chains.map((name) => `-X ${name}`)];
  return [`*${table}`, ...policy, ...removed, "COMMIT", ""].join("\n");
}

function noteFile(): string {
  return statePath("host-network.json");
}
