/** What a run does in the virtual machine. */
import { parseArgs } from "node:util";
import { MOST_SLOWNESS, readSlowness } from "../../checklist/harness/slowness.ts";
import { parseRows } from "../../checklist/rows.ts";
import { controlGroupOptions } from "../../engine/control-group-options.ts";
import { engineContainer, engineImage } from "../../engine/versions.ts";
import { CheckError } from "../../shared/check-error.ts";

/** Its parts and their settings. */
export interface Job {
  parts: readonly Part[];
  /** Rows of the checklist, separated by commas. */
  rows: string;
  /** How many times slower than a machine everything is, see ci/checklist/harness/slowness.ts. */
  slowness: number;
}

/** Scripts of guest/ that can be run. */
export const PARTS = ["checklist", "engine"] as const;

/** Name of such a script. */
export type Part = (typeof PARTS)[number];

/** Reads the command line. */
export function readJob(args: string[]): { job: Job; minutes: number } {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "1,2,3,4,5,6,7" },
      parts: { type: "string", default: PARTS.join(",") },
      slowness: { type: "string", default: "20" },
      minutes: { type: "string", default: "120" },
    },
  });
  const rows = parseRows(values.rows);
  if (!rows) throw new CheckError("MS-CHECK-014", `--rows ${values.rows} is no list of rows`);
  const parts = values.parts.split(",");
  const unknown = parts.find((name) => !PARTS.includes(name as Part));
  if (unknown !== undefined)
    throw new CheckError("MS-CHECK-001", `--parts: ${unknown} is none of ${PARTS.join(", ")}`);
  const slowness = readSlowness(values.slowness);
  if (slowness === undefined)
    throw new CheckError(
      "MS-CHECK-048",
      `--slowness ${values.slowness} is no number from 1 to ${MOST_SLOWNESS}`,
    );
  const minutes = Number(values.minutes);
  if (!(minutes > 0))
    throw new CheckError("MS-CHECK-049", `--minutes ${values.minutes} is no number above 0`);
  return { job: { parts: parts as Part[], rows: rows.join(","), slowness }, minutes };
}

/** Variables of the scripts, for a POSIX shell. */
export function jobEnvironment({ parts, rows, slowness }: Job): string {
  const variables = {
    PARTS: parts.join(" "),
    ROWS: rows,
    SLOWNESS: slowness,
    ENGINE_NAME: engineContainer,
    ENGINE_IMAGE: engineImage,
    ENGINE_OPTIONS: ["--privileged", ...controlGroupOptions(2, true), "--volume", "/var/lib/dagger"].join(
      " ",
    ),
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}
