/** A world: a machine that differs from ours in a few things, what is run there, and what must come out. */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { CheckError } from "../shared/check-error.ts";
import { GROUPS } from "./groups.ts";
import { NEEDS } from "./needs.ts";

/** Seconds that a world may take unless it says otherwise. */
const LIMIT_SECONDS = 300;
const program = z.string().regex(/^[a-z0-9][a-z0-9.+_-]*$/i, "is no name of a program, for example docker");

const checkout = z.strictObject({
  /** `copy` holds the tracked files as they are now; the others are made by git from the last commit. */
  kind: z.enum(["copy", "clone", "worktree", "shallow", "tarball"]).default("copy"),
  /** Folder of the repository that is copied; without it all of it. */
  of: z.string().optional(),
  /** Name of the folder that it lies in. */
  folder: z.string().default("checkout"),
  autocrlf: z.boolean().default(false),
  /** User id that owns it. */
  owner: z.number().int().optional(),
  /** Whether the npm packages of this checkout are there too. */
  modules: z.boolean().default(true),
  /** Files that are written into it, by path. */
  files: z.record(z.string(), z.string()).default({}),
});

const differences = z.strictObject({
  umask: z
    .string()
    .regex(/^[0-7]{3}$/, 'is no umask in three octal digits, for example "077"')
    .optional(),
  /** Variables; null takes one away. */
  env: z.record(z.string(), z.union([z.string(), z.null()])).default({}),
  /** An ordinary user made for this run: in group docker, or not. */
  user: z.enum(["docker", "outsider"]).optional(),
  /** Programs that print what the real one prints in some state: files below stubs/, PROGRAM/STATE. */
  stubs: z.record(program, z.string()).default({}),
  /** Programs that are not on the PATH. */
  hide: z.array(program).default([]),
  /** A checkout of its own; without it the world runs in this one. */
  checkout: checkout.optional(),
  /** `shared` uses the engine and the state of this machine. */
  state: z.enum(["own", "shared"]).default("own"),
});

const expectation = z.strictObject({
  exit: z.union([z.number().int(), z.literal("failure")]).default(0),
  /** Words that must be printed; the page shows them. */
  says: z.array(z.string().min(1)).default([]),
  /** Words that must not be printed. */
  never: z.array(z.string().min(1)).default([]),
});

const schema = z
  .strictObject({
    /** What is different, in a few words. */
    title: z.string().min(1),
    group: z.enum(GROUPS),
    /** What we say of such a machine. */
    standing: z.enum(["supported", "tried", "told", "expected", "unsupported"]),
    /** `test` is part of `make test`, `demand` of `make test-machines`, `never` cannot be had where we test. */
    when: z.enum(["test", "demand", "never"]),
    /** For the page: what follows for a person, or why it could not be tried. */
    note: z.string().optional(),
    needs: z.array(z.enum(NEEDS)).default([]),
    with: differences.prefault({}),
    /** Shell command, run at the root of the checkout. */
    run: z.string().optional(),
    expect: expectation.prefault({}),
    limitSeconds: z.number().int().positive().default(LIMIT_SECONDS),
  })
  .refine(({ when, run }) => (when === "never") === (run === undefined), {
    path: ["run"],
    message: "is there exactly when the world is run: not with `when: never`",
  })
  .refine(({ when, standing }) => standing !== "supported" || when === "test", {
    path: ["standing"],
    message: "can be supported only with `when: test`; with `when: demand` it is tried",
  })
  .refine(({ standing, expect }) => expect.exit === 0 || standing === "told" || standing === "unsupported", {
    path: ["standing"],
    message: "is told or unsupported where the command fails",
  })
  .refine(({ standing, expect }) => standing !== "told" || (expect.exit !== 0 && expect.says.length > 0), {
    path: ["expect"],
    message: "names what is told: the exit code and words to look for",
  })
  .refine(({ when, standing }) => standing !== "tried" || when !== "never", {
    path: ["standing"],
    message: "cannot be tried with `when: never`; it is expected or unsupported",
  })
  .refine(({ when, note }) => when !== "never" || note !== undefined, {
    path: ["note"],
    message: "says why it cannot be tried",
  });

/** One world with all defaults. */
export type World = z.infer<typeof schema> & { name: string };
/** What is different there. */
export type Differences = World["with"];
/** What must come out. */
export type Expectation = World["expect"];
/** A checkout for one world. */
export type CheckoutPlan = z.infer<typeof checkout>;

/**
 * Reads one world.
 *
 * @param name name of its file without the ending
 * @param yaml content of the file
 * @throws CheckError MS-CHECK-050 with everything that is wrong in it
 */
export function parseWorld(name: string, yaml: string): World {
  const result = schema.safeParse(contentOf(name, yaml));
  if (result.success) return { name, ...result.data };
  const wrong = result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"} ${message}`);
  throw new CheckError("MS-CHECK-050", `${fileOf(name)}: ${wrong.join("; ")}`);
}

/** Every world of the table, by name. */
export function readWorlds(folder: URL = new URL("worlds/", import.meta.url)): World[] {
  const names = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return names
    .sort()
    .map((file) => parseWorld(file.slice(0, -".yaml".length), readFileSync(new URL(file, folder), "utf8")));
}

function contentOf(name: string, yaml: string): unknown {
  try {
    return parse(yaml);
  } catch (error) {
    throw new CheckError(
      "MS-CHECK-050",
      `${fileOf(name)}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function fileOf(name: string): string {
  return `ci/machines/worlds/${name}.yaml`;
}
