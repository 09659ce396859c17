/** The rows of the checklist, as the tracker names them. */

/** Number of a row. */
export type RowId = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** One row: its file is `<id>-<slug>.test.ts`. */
export interface Row {
  id: RowId;
  name: string;
  slug: string;
}

/** All rows, in the order in which they run. */
export const ROWS: readonly Row[] = [
  { id: 1, name: "Supervisor spawns workers in container", slug: "supervisor-spawns-workers" },
  { id: 2, name: "Workers connect to NATS", slug: "workers-connect-to-nats" },
  { id: 3, name: "MCP gateway receives discoveries", slug: "gateway-receives-discoveries" },
  { id: 4, name: "Health checks respond correctly", slug: "health-checks-respond" },
  { id: 5, name: "Graceful shutdown works", slug: "graceful-shutdown-works" },
  { id: 6, name: "Resource limits enforced", slug: "resource-limits-enforced" },
  { id: 7, name: "Logs properly collected", slug: "logs-collected" },
];

/** File of a row, below ci/checklist. */
export function fileOf(row: Row): string {
  return `${row.id}-${row.slug}.test.ts`;
}

/** Reads `1,4`; undefined when a part is no row. */
export function parseRows(text: string): RowId[] | undefined {
  const ids = text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const known = ids.filter((id): id is RowId => ROWS.some((row) => row.id === id));
  return known.length === ids.length ? known : undefined;
}
