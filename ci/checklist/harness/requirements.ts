/** The requirements that tests cite. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const schema = z.strictObject({
  requirements: z.array(
    z.strictObject({ id: z.string().regex(/^[A-Z]+-\d+$/), behaviour: z.string(), source: z.string() }),
  ),
});

/** One requirement. */
export type Requirement = z.infer<typeof schema>["requirements"][number];

/** Reads requirements.yaml; an id that is there twice is an error. */
export function parseRequirements(text: string): Map<string, Requirement> {
  const known = new Map<string, Requirement>();
  for (const requirement of schema.parse(parse(text)).requirements) {
    if (known.has(requirement.id)) throw new Error(`${requirement.id} is there twice`);
    known.set(requirement.id, requirement);
  }
  return known;
}

/** Reads the checklist's own file. */
export function readRequirements(): Map<string, Requirement> {
  return parseRequirements(readFileSync(new URL("../requirements.yaml", import.meta.url), "utf8"));
}

/** Every id that a test file cites. */
export function citedIds(source: string): string[] {
  return [...source.matchAll(/\bverifies\(\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}
