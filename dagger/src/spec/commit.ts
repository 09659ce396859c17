/** The commit that is built. The checkout comes without .git, so whoever calls has to say it. */
import { PipelineError } from "../errors.ts";

/** What the labels of an image say about its source. */
export interface Commit {
  /** Hash of the commit. */
  revision?: string;
  /** When it was made, RFC 3339. */
  date?: string;
}

/**
 * Checks what was given; a date without a commit says nothing.
 *
 * @throws PipelineError MS-PIPE-002
 */
export function commitFrom(revision: string | undefined, date: string | undefined): Commit {
  if (revision && !/^[0-9a-f]{7,64}(-dirty)?$/.test(revision))
    throw new PipelineError("MS-PIPE-002", `${revision} is no hash of a commit`);
  if (date && !(date.includes("T") && !Number.isNaN(Date.parse(date))))
    throw new PipelineError(
      "MS-PIPE-002",
      `${date} is no RFC 3339 date; \`git log -1 --format=%cI\` gives one`,
    );
  return { ...(revision && { revision }), ...(date && { date: new Date(date).toISOString() }) };
}

/** Labels by the OCI annotation spec. */
export function commitLabels({ revision, date }: Commit): Record<string, string> {
  return {
    ...(date && { "org.opencontainers.image.created": date }),
    ...(revision && { "org.opencontainers.image.revision": revision }),
  };
}
