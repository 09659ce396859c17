import { expect, it } from "vitest";
import { repoText } from "./support/repo.ts";

/** Options of `dagger call` itself: a function that has an argument of such a name cannot be called at all. */
const OWN_OPTIONS = [
  ...[
    "allow-llm",
    "auto-apply",
    "debug",
    "eager-runtime",
    "help",
    "interactive",
    "interactive-command",
    "json",
  ],
  ...["mod", "no-exit", "no-mod", "output", "progress", "quiet", "silent", "verbose", "web"],
];

const FACADE = [
  "index.ts",
  ...["checks", "ecr-account", "publication", "supply-chain"].map((name) => `facade/${name}.ts`),
];

/** A comment of its own line, then the argument that it explains. */
const ARGUMENT = /^ {4}\/\*\*(?<text>.*)\*\/\n(?: {4}@.*\n)? {4}(?<name>\w+)\??: /gm;

it.each(FACADE)(
  "%s: no argument is named as an option of the command, or has a name of its type in its text",
  (file) => {
    const found = [...repoText(`dagger/src/${file}`).matchAll(ARGUMENT)].map(({ groups }) => groups ?? {});
    expect(found.length).toBeGreaterThan(0);
    for (const { name = "", text = "" } of found) {
      const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(OWN_OPTIONS).not.toContain(option);
      // The command takes a word in backticks for the type of the argument.
      expect(text, option).not.toContain("`");
    }
  },
);
