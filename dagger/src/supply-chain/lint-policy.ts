/** What the lint asks of an image beyond the rules that hold for all: ci/policies/image-lint.yaml. */
import { z } from "zod";
import { parsePolicy, reasonSchema } from "./policy-file.ts";

/** Where the policy stands. */
export const LINT_POLICY = "ci/policies/image-lint.yaml";

/** Rules of the lint. */
export const LINT_RULES = [
  "user",
  "entrypoint",
  "labels",
  "layers",
  "setuid",
  "secrets",
  "caches",
  "engine",
  "shell",
  "writable",
] as const;

/** Name of a rule. */
export type LintRule = (typeof LINT_RULES)[number];

const schema = z.strictObject({
  maxLayers: z.int().min(1),
  labels: z.array(z.string()).min(1),
  shells: z.record(z.string(), reasonSchema),
  exceptions: z.array(
    z.strictObject({
      image: z.string(),
      rule: z.enum(LINT_RULES),
      /** A path; see `covers`. */
      path: z.string().startsWith("/"),
      reason: reasonSchema,
    }),
  ),
});

/** The policy. */
export type LintPolicy = z.infer<typeof schema>;

/**
 * Reads the policy.
 *
 * @throws PipelineError MS-SUPPLY-002
 */
export function parseLintPolicy(text: string): LintPolicy {
  return parsePolicy(LINT_POLICY, text, schema);
}

/** Whether an exception covers a path: `*` stands for any part of a name, `/**` for a directory and all below it. */
export function covers(pattern: string, path: string): boolean {
  const tree = pattern.endsWith("/**");
  const named = (tree ? pattern.slice(0, -"/**".length) : pattern).split("*").map(literal).join("[^/]*");
  return new RegExp(`^${named}${tree ? "(/.*)?" : ""}$`).test(path);
}

function literal(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
