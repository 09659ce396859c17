/** Settings of the repositories that the checkout decides, so that every publication has the same ones. */
import { z } from "zod";
import { parsePolicy } from "../supply-chain/policy-file.ts";
import type { KeptSettings, RepositoryOptions } from "./repository.ts";

/** Path in the checkout. */
export const REPOSITORY_FILE = "ci/policies/repositories.yaml";

const ACCOUNT = "an account is 12 digits in quotation marks";
const fileSchema = z.strictObject({
  environment: z.string().min(1).optional(),
  pullAccounts: z.array(z.string(ACCOUNT).regex(/^\d{12}$/, ACCOUNT)).optional(),
  kmsKey: z.string().startsWith("arn:").optional(),
});

/** What a publication brings the repositories to, and what it leaves alone. */
export interface RepositoryDecision {
  options: RepositoryOptions;
  kept: KeptSettings;
}

/**
 * Decides: what the caller named, else what the file names; what neither names is kept.
 *
 * @param given an empty list of accounts is none named
 * @throws PipelineError MS-SUPPLY-002 with file and line of everything in the file that is wrong
 */
export function decideRepositories(text: string, given: RepositoryOptions): RepositoryDecision {
  const file = parsePolicy(REPOSITORY_FILE, text, fileSchema.nullable()) ?? {};
  const named = given.pullAccounts?.length ? given.pullAccounts : file.pullAccounts;
  const environment = given.environment ?? file.environment;
  return {
    options: { environment, pullAccounts: named ?? [], kmsKey: given.kmsKey ?? file.kmsKey },
    kept: { environment: environment === undefined, pullAccounts: named === undefined },
  };
}
