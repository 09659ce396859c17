/** What main.ts hands to the rows, through the environment. */

import { CheckError } from "../../shared/check-error.ts";
import { parseRows, type RowId } from "../rows.ts";

/** How the system runs under Docker Compose. */
export interface ComposeSettings {
  /** The command that takes compose's arguments. */
  command: readonly string[];
  /** Name of the project, which starts the name of everything that it makes. */
  project: string;
  /** Image reference of each service, by its name. */
  images: Readonly<Record<string, string>>;
}

/** Directories and faults of one run. */
export interface Settings {
  /** The checkout. */
  root: string;
  /** Root file systems; only for runc. */
  imagesDir: string;
  outDir: string;
  /** Removed after the run. */
  workDir: string;
  /** Control group that holds those of the containers, below the hierarchy; only for runc. */
  cgroup: string;
  faults: readonly RowId[];
  /** Undefined when runc runs the system. */
  compose: ComposeSettings | undefined;
}

/** Reads the settings; main.ts checked them. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) throw new CheckError("MS-CHECK-012", `${name} is not set`);
    return value;
  };
  const compose = env.CHECKLIST_COMPOSE;
  return {
    root: need("CHECKLIST_ROOT"),
    imagesDir: compose ? "" : need("IMAGES_DIR"),
    outDir: need("OUT_DIR"),
    workDir: need("CHECKLIST_WORK_DIR"),
    cgroup: compose ? "" : need("CHECKLIST_CGROUP"),
    faults: parseRows(env.FAULT ?? "") ?? [],
    compose: compose ? (JSON.parse(compose) as ComposeSettings) : undefined,
  };
}
