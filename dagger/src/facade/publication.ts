/** A publication that knows where to; it is planned, or done. */
import { type Directory, type File, func, object, type Secret } from "@dagger.io/dagger";
import { checkIdentity } from "../adapters/aws-session.ts";
import { buildPlatforms } from "../adapters/build-platforms.ts";
import { newNonce } from "../adapters/nonce.ts";
import { Project } from "../adapters/project.ts";
import { type AskedTags, preparePublication } from "../adapters/publish.ts";
import { PipelineError } from "../errors.ts";
import { checkedAccess } from "../publication/aws-source.ts";
import { packTarget, unpackTarget } from "../publication/packed-target.ts";
import { changeCount } from "../publication/plan.ts";
import { parsePlan, planJson } from "../publication/plan-file.ts";
import { planText } from "../publication/plan-text.ts";
import { publishedImagesJson } from "../publication/published-images.ts";
import type { PublishTarget } from "../publication/target.ts";
import type { Commit } from "../spec/commit.ts";
import { OWN_SERVICES } from "../spec/parse-system.ts";
import { parsePlatforms, publishedByDefault } from "../spec/platform.ts";
import { missingConsent, refuseWithoutConsent } from "../supply-chain/consent.ts";
import { given } from "../text/given.ts";

type Target = PublishTarget<Secret, File>;

/** A publication that knows where to. */
@object()
export class Publication {
  source: Directory;
  commit: string;
  target: string;
  secrets: Secret[];
  files: File[];

  constructor(source: Directory, commit: Commit, target: Target) {
    const packed = packTarget<Secret, File>(target);
    this.source = source;
    this.commit = JSON.stringify(commit);
    this.target = packed.text;
    this.secrets = packed.secrets;
    this.files = packed.files;
  }

  /** Takes on a role with the credentials given before, for example in another account. */
  @func({ cache: "never" })
  assumeRole(
    /** ARN of the role. */
    roleArn: string,
    /** External id that the role's trust policy asks for. */
    externalId?: string,
  ): Publication {
    const target = targetOf(this);
    if (target.kind !== "ecr") throw new PipelineError("MS-ECR-010", "only ECR takes a role");
    const role = { arn: roleArn, ...(externalId && { externalId }) };
    const access = checkedAccess({ ...target.access, role });
    return new Publication(this.source, commitOf(this), { ...target, access });
  }

  /** Says who AWS takes us for; MS-ECR-011 when that is another account than the one named. Builds nothing. */
  @func({ cache: "never" })
  async identity(): Promise<string> {
    const target = targetOf(this);
    if (target.kind !== "ecr") throw new PipelineError("MS-ECR-010", "only ECR knows identities");
    const { account, arn } = await checkIdentity(target.access);
    return `account ${account}\nregion  ${target.access.region}\nas      ${arn}`;
  }

  /** Shows what `publish` would do: + new, ~ changed, = stays, ! refused. Changes nothing; never cached. */
  @func({ cache: "never" })
  async plan(
    /** Tag beside latest; without it git- and the commit, or where no clean commit is named and locally the content. */
    tag?: string,
    /** As JSON, which --plan of publish takes. */
    asJson: boolean = false,
    /** Fail with MS-ECR-007 when there is anything to do. */
    failOnChange: boolean = false,
    /** As for publish: without it the images that it would refuse are shown as refused. */
    acceptClaudeTerms: boolean = false,
    /** Platforms, linux/amd64 and linux/arm64; several give an index per image. Without it linux/amd64, locally the engine's. */
    platforms: string[] = [],
    /** Git's tag of a release, v and the version of package.json: the tags are then version and commit. */
    release?: string,
  ): Promise<string> {
    const unconsented = missingConsent(targetOf(this), OWN_SERVICES, acceptClaudeTerms);
    const { plan: wanted } = await prepared(this, given({ tag, release }), platforms);
    const plan = unconsented.length > 0 ? { ...wanted, unconsented } : wanted;
    const text = asJson ? planJson(plan) : planText(plan, false);
    const { repositories, tags } = changeCount(plan);
    if (failOnChange && repositories + tags > 0)
      throw new PipelineError(
        "MS-ECR-007",
        `${repositories} repositories and ${tags} tags would change`,
        text,
      );
    return text;
  }

  /** Publishes: reconciles the repositories, pushes what is missing, deletes nothing. Never cached. */
  @func({ cache: "never" })
  async publish(
    /** Tag beside latest; without it git- and the commit, or where no clean commit is named and locally the content. */
    tag?: string,
    /** What plan --as-json wrote; anything it does not foresee is MS-ECR-006, before anything is changed. */
    plan?: File,
    /** The registry is private, or Anthropic allows you to pass its CLI on; MS-SUPPLY-012 without it where it may be public. */
    acceptClaudeTerms: boolean = false,
    /** Platforms, linux/amd64 and linux/arm64; several give an index per image. Without it linux/amd64, locally the engine's. */
    platforms: string[] = [],
    /** Give images.json of what the registry now holds, for handoff and verify, in place of a text. */
    asJson: boolean = false,
    /** Git's tag of a release, v and the version of package.json: the tags are then version and commit. */
    release?: string,
  ): Promise<string> {
    refuseWithoutConsent(targetOf(this), OWN_SERVICES, acceptClaudeTerms);
    const earlier = plan ? parsePlan(await plan.contents()) : undefined;
    const { plan: now, run, imagesJson } = await prepared(this, given({ tag, release }), platforms);
    await run(earlier);
    return asJson ? imagesJson : planText(now, true);
  }
}

// Private methods would be functions of the API's object; these are not.
async function prepared(publication: Publication, asked: AskedTags, names: string[]) {
  const target = targetOf(publication);
  const project = await Project.load(publication.source, commitOf(publication));
  const platforms = parsePlatforms(names, publishedByDefault(target.kind === "local", project.engine));
  const build = async () => (await buildPlatforms(project, platforms)).published;
  const planned = await preparePublication(project, build, target, asked, newNonce());
  const builtFor = platforms.map(({ name }) => name);
  return { ...planned, imagesJson: publishedImagesJson(planned.plan, project.ownServices(), builtFor) };
}

function targetOf({ target: text, secrets, files }: Publication): Target {
  return unpackTarget<Target, Secret, File>({ text, secrets: secrets ?? [], files: files ?? [] });
}

function commitOf({ commit }: Publication): Commit {
  return JSON.parse(commit) as Commit;
}
