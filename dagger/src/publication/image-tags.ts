/** Under which tags a build is published: a name that a tag of the registry has is never given to another build. */
import { PipelineError } from "../errors.ts";
import { MOVING_TAG } from "./repository.ts";

/** What is known of a build. */
export interface BuildNames {
  /** Version of package.json. */
  version: string;
  /** Commit that was built; ends with -dirty when something differed from it. */
  revision?: string | undefined;
  /** Tag that the caller wants, and no other but the one that moves. */
  tag?: string | undefined;
  /** Git's tag of a release, v and the version. */
  release?: string | undefined;
}

const SHORT = 12;

/**
 * Decides: the tag that was asked for, the version of a release, the commit, or for what is neither the content.
 *
 * @returns tags of an image by its digest; the last is the one that moves, which a release leaves where it is
 * @throws PipelineError MS-ECR-016 when a release is not the version that was built, or is of no clean commit
 */
export function tagsOfBuild(names: BuildNames): (digest: string) => string[] {
  const { version, revision, tag, release } = names;
  if (release !== undefined) return releaseTags(names, release);
  if (tag !== undefined) return () => [tag, MOVING_TAG];
  const isCommit = revision !== undefined && !isDirty(revision);
  if (isCommit) return () => [commitTag(revision), MOVING_TAG];
  return (digest) => [`${version}-dev.${digest.split(":")[1]?.slice(0, SHORT)}`, MOVING_TAG];
}

function releaseTags({ version, revision, tag }: BuildNames, release: string): () => string[] {
  const refuse = (what: string) => new PipelineError("MS-ECR-016", what);
  if (tag !== undefined) throw refuse(`--release ${release} and --tag ${tag} were both given`);
  if (release !== `v${version}`)
    throw refuse(`the release is "${release}", and package.json has the version ${version}: v${version}`);
  if (revision === undefined) throw refuse(`the release ${release} names no commit`);
  if (isDirty(revision))
    throw refuse(`the release ${release} is of ${revision}, which is not what was committed`);
  return () => [version, commitTag(revision)];
}

function commitTag(revision: string): string {
  return `git-${revision.slice(0, SHORT)}`;
}

function isDirty(revision: string): boolean {
  return revision.endsWith("-dirty");
}
