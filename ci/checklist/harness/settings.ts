/** What main.ts hands to the rows, through the environment. */

import { CheckError } from "../../shared/check-error.ts";
import { parseRows, type RowId } from "../rows.ts";

/** Directories and faults of one run. */
export interface Settings {
  /** The checkout. */
  root: string;
  imagesDir: string;
  outDir: string;
  /** Removed after the run. */
  workDir: string;
  faults: readonly RowId[];
}

/** Reads the settings; main.ts checked them. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) throw new CheckError("MS-CHECK-012", `${name} is not set`);
    return value;
  };
  return {
    root: need("CHECKLIST_ROOT"),
    imagesDir: need("IMAGES_DIR"),
    outDir: need("OUT_DIR"),
    workDir: need("CHECKLIST_WORK_DIR"),
    faults: parseRows(env.FAULT ?? "") ?? [],
  };
}
