/** Programs on the PATH. */
import { ask } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** What a program printed about itself, by its name; undefined where it does not work. */
export type ToolFacts = Readonly<Record<string, string | undefined>>;

interface Tool {
  name: string;
  ask: readonly [string, ...string[]];
  /** What follows where it does not work. */
  without?: string;
}

const TOOLS: readonly Tool[] = [
  { name: "node", ask: ["node", "--version"] },
  { name: "npm", ask: ["npm", "--version"] },
  { name: "git", ask: ["git", "--version"], without: "the images name no commit" },
  { name: "make", ask: ["make", "--version"] },
  {
    name: "go",
    ask: ["go", "version"],
    without: "Dagger's command and Compose must be there or be fetched; no gofmt",
  },
  { name: "cargo", ask: ["cargo", "--version"], without: "`make check` leaves out what is of Rust" },
  {
    name: "compose",
    ask: ["docker", "compose", "version", "--short"],
    without: "`make stack` fetches or builds it",
  },
];

/** Asks all of them at once. */
export async function toolFacts(): Promise<ToolFacts> {
  const answers = await Promise.all(TOOLS.map(async (tool) => [tool.name, await ask(...tool.ask)] as const));
  return Object.fromEntries(answers);
}

/** What is said of them. */
export function toolsFinding(facts: ToolFacts): Finding {
  const versions = TOOLS.map(({ name }) => `${name} ${versionOf(facts[name])}`);
  const missing = TOOLS.filter(({ name, without }) => without !== undefined && facts[name] === undefined);
  const follows = missing.map(({ name, without }) => `without ${name}: ${without}`).join("; ");
  return { subject: "programs", found: versions.join(", "), ...(follows === "" ? {} : { follows }) };
}

/** The first number with dots in it. */
function versionOf(output: string | undefined): string {
  if (output === undefined) return "none";
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? "of no version";
}
