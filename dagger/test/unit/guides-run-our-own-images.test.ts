import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { repoText } from "./support/repo.ts";

const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const guides = readdirSync(docs).filter((name) => name.endsWith(".md"));

/** The commands of a page, a command of several lines as one. */
const commands = (name: string): string[] =>
  repoText(`docs/${name}`)
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => /^\s*docker run /.test(line));

it("a guide runs an image by its digest, for a short name is whatever a public registry has under it", () => {
  const found = guides.flatMap((name) => commands(name).map((command) => ({ name, command })));
  expect(found.length).toBeGreaterThan(0);
  for (const { name, command } of found) {
    expect(command, name).toMatch(/"\$TOOLS"/);
    expect(repoText(`docs/${name}`)).toMatch(/^TOOLS=.*@sha256:/m);
  }
});

it("a guide gives an image no more of the machine than the folder it writes to", () => {
  for (const name of guides)
    for (const command of commands(name)) {
      expect(command, name).not.toMatch(/\$PWD|\$\(pwd\)|-v "?\.:/);
      expect(command, name).toContain("--network none");
    }
});

it("keys never lie in the checkout", () => {
  expect(repoText("docs/deploy-ecs.md")).not.toMatch(/(^|[\s"'(])(\.\/)?keys\/\S/m);
});
