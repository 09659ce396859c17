/** Which licences the packages of an image may have: ci/policies/licences.yaml. */
import { z } from "zod";
import { parsePolicy, reasonSchema } from "./policy-file.ts";

/** Where the policy stands. */
export const LICENCE_POLICY = "ci/policies/licences.yaml";

const schema = z.strictObject({
  allow: z.array(z.string()).min(1),
  /** Refused everywhere: neither an exception nor an unjudged ecosystem lets one of these through. */
  deny: z.array(z.string()),
  /** Packages whose licence the policy does not judge, by ecosystem; they are listed all the same. */
  unjudged: z.array(z.strictObject({ ecosystem: z.string(), reason: reasonSchema })),
  /** Packages that are accepted although their licence is not allowed, or not known. */
  exceptions: z.array(
    z.strictObject({
      package: z.string().min(1),
      licence: z.string().optional(),
      images: z.array(z.string()).min(1).optional(),
      reason: reasonSchema,
    }),
  ),
});

/** The policy. */
export type LicencePolicy = z.infer<typeof schema>;

/**
 * Reads the policy.
 *
 * @throws PipelineError MS-SUPPLY-002
 */
export function parseLicencePolicy(text: string): LicencePolicy {
  return parsePolicy(LICENCE_POLICY, text, schema);
}
