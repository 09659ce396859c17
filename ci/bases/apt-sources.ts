import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BaseError } from "./base-error.ts";

/** A file of apt sources: its text in one of apt's two formats. */
export interface SourcesFile {
  name: string;
  text: string;
}

/**
 * The machine's own apt sources of one Debian suite, security and updates included, as one-line and deb822 files.
 * Sources of other origins (vendors' repositories) are left out, so that a base holds Debian's packages only.
 */
export function selectSuite(files: readonly SourcesFile[], suite: string): SourcesFile[] {
  const kept = files
    .map((file) => ({
      name: file.name,
      text: file.name.endsWith(".sources") ? stanzas(file.text, suite) : lines(file.text, suite),
    }))
    .filter((file) => file.text !== "");
  if (kept.length > 0) return kept;
  throw new BaseError(
    "MS-BASE-004",
    `no apt source of ${suite} among ${files.map((file) => file.name).join(", ") || "no files"}`,
  );
}

/** Read the machine's apt sources. */
export function readHostSources(directory = "/etc/apt"): SourcesFile[] {
  const parts = join(directory, "sources.list.d");
  const names = readdirSync(parts)
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort();
  const files = names.map((name) => ({ name, text: readFileSync(join(parts, name), "utf8") }));
  try {
    return [{ name: "sources.list", text: readFileSync(join(directory, "sources.list"), "utf8") }, ...files];
  } catch {
    return files; // Newer machines have no sources.list.
  }
}

/**
 * Settings that decide whether apt trusts and reaches those sources (proxy, dates, retries), from `apt-config dump`.
 * Without them an image's apt would refuse a mirror that the machine itself accepts.
 */
export function selectAcquireSettings(dump: string): string {
  const wanted =
    /^Acquire::(https?::(Proxy|Verify)|Check-Valid-Until|Check-Date|Retries|ForceIPv4)\b.*"[^"]+";$/i;
  return dump
    .split("\n")
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join("");
}

function stanzas(text: string, suite: string): string {
  const isWanted = (stanza: string) =>
    /^Types:.*\bdeb\b/m.test(stanza) &&
    !/^Enabled:\s*no/im.test(stanza) &&
    ofSuite(stanza.match(/^Suites:(.*)$/m)?.[1] ?? "", suite);
  const kept = text
    .replace(/^#.*\n/gm, "")
    .split(/\n\s*\n/)
    .map((stanza) => stanza.trim())
    .filter(isWanted);
  return kept.length === 0 ? "" : `${kept.join("\n\n")}\n`;
}

function lines(text: string, suite: string): string {
  const isWanted = (line: string) => {
    const words = line
      .replace(/\[[^\]]*\]/, "")
      .trim()
      .split(/\s+/);
    return words[0] === "deb" && ofSuite(words[2] ?? "", suite);
  };
  return text
    .split("\n")
    .filter(isWanted)
    .map((line) => `${line.trim()}\n`)
    .join("");
}

function ofSuite(suites: string, suite: string): boolean {
  const own = new Set([suite, `${suite}-updates`, `${suite}-security`, `${suite}/updates`]);
  const named = suites
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  return named.length > 0 && named.every((word) => own.has(word));
}
