/** docs/machines.md: what is known of which machine, from the table of worlds. */
import { markdownTable } from "../../dagger/src/emit/markdown-table.ts";
import { GROUPS } from "./groups.ts";
import type { World } from "./world.ts";

const HEAD = `# Machines

Where this runs, and how we know. Generated from \`ci/machines/worlds/\` by \`make docs\`.

| word | what it means |
|---|---|
| supported | part of \`make test\`: a change that breaks it is red |
| tried | run by \`make test-machines\`, at night and on demand |
| a step of yours | it does not work as it is, and says so: the words beside it are held by \`make test\` or \`make test-machines\` |
| expected | it should work, but we have no such machine; the reason is beside it |
| not supported | it does not work; you see the words beside it |

\`make doctor\` says what your machine is and what follows from it.
`;
const STANDING: Readonly<Record<World["standing"], string>> = {
  supported: "supported",
  tried: "tried",
  told: "a step of yours",
  expected: "expected",
  unsupported: "not supported",
};

/** Writes the page: a table for each group that has worlds. */
export function machinesPage(worlds: readonly World[]): string {
  const sections = GROUPS.flatMap((group) => {
    const members = worlds.filter((world) => world.group === group);
    if (members.length === 0) return [];
    const rows = members.map((world) => [world.title, STANDING[world.standing], notesOf(world)]);
    return [`## ${group}\n\n${markdownTable(["machine", "standing", "what to know"], rows).trimEnd()}\n`];
  });
  return [HEAD, ...sections].join("\n");
}

/** Its note, and the words of an error that a person meets there. */
function notesOf({ note, expect }: World): string {
  const words = expect.exit === 0 ? [] : expect.says.map((text) => `\`${text}\``);
  const seen = words.length > 0 ? [`You see: ${words.join(" … ")}`] : [];
  return [...(note ? [note] : []), ...seen].join(" ");
}
