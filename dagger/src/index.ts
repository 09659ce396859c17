/**
 * Builds, tests and publishes the images of MisterSmith: supervisor, claude-worker, mcp-gateway and tools.
 *
 * Start with `dagger call build`; `dagger call report export --path out/report` does everything and writes a report.
 */
import type { Container, Directory, File, Secret, Service } from "@dagger.io/dagger";
import { argument, func, object } from "@dagger.io/dagger";
import { buildImage } from "./adapters/build-images.ts";
import { imageDirectory } from "./adapters/export-images.ts";
import { composeDirectory, handOffRun } from "./adapters/hand-off.ts";
import { localRegistry } from "./adapters/local-registry.ts";
import { Project } from "./adapters/project.ts";
import { reportRun } from "./adapters/report-run.ts";
import { buildRun, integrationRun, stackRun, testRun } from "./adapters/whole-run.ts";
import { Checks } from "./facade/checks.ts";
import { EcrAccount } from "./facade/ecr-account.ts";
import { Publication } from "./facade/publication.ts";
import { SupplyChain } from "./facade/supply-chain.ts";
import { publishTarget, type TargetArguments } from "./publication/target.ts";
import { type Commit, commitFrom } from "./spec/commit.ts";
import { given } from "./text/given.ts";

/** Builds, tests and publishes the images of MisterSmith. */
@object()
export class Mistersmith {
  source: Directory;
  commit: string;
  commitDate: string;

  constructor(
    /** The checkout; without it the directory of dagger.json, and never a file that .gitignore calls private. */
    @argument({
      defaultPath: "/",
      ignore: [
        ".git",
        "**/node_modules",
        "**/target",
        "**/dist",
        "out",
        "dagger/sdk",
        "**/*.log",
        "**/.env",
        "**/keys",
        "**/secrets",
        "**/*-seed",
        "**/anthropic-api-key",
        "**/cosign.key",
        "**/database-url",
        "**/mcp-signing-key",
        "**/operator-token",
        "**/parameters.txt",
        "**/plan.json",
        "**/postgres-password",
      ],
    })
    source: Directory,
    /** Commit that is built, from git rev-parse HEAD: a label of the images. Without it they depend on content alone. */
    commit: string = "",
    /** Its date, from git log -1 --format=%cI: when the images say they were made; without it 1970. */
    commitDate: string = "",
  ) {
    this.source = source;
    this.commit = commit;
    this.commitDate = commitDate;
  }

  /**
   * Builds the four images at the same time and shows their sizes against their budgets.
   *
   * Fails with MS-PIPE-001 and the compiler's last lines, or with MS-PIPE-006 when an image is too large.
   */
  @func()
  async build(
    /** Base image of the claude-worker, for example ubuntu:22.04; without it a slim Debian. */
    workerBase?: string,
    /** Platforms, linux/amd64 and linux/arm64; several give an index per image. Without it the engine's. */
    platforms: string[] = [],
  ): Promise<string> {
    return buildRun(await this.project(), platforms, given({ workerBase }));
  }

  /** Builds one image and returns it, for example to look inside: `dagger call image --name tools terminal`. */
  @func()
  async image(
    /** supervisor, claude-worker, mcp-gateway or tools. */
    name: string,
    /** Base image of the claude-worker; without it a slim Debian. */
    workerBase?: string,
  ): Promise<Container> {
    return buildImage(await this.project(), name, given({ workerBase }));
  }

  /**
   * Runs the unit tests, formatters and linters of everything; each part runs even when another fails.
   *
   * Fails with MS-PIPE-003 and the last lines of each part that failed.
   */
  @func({ cache: "never" })
  async test(): Promise<string> {
    return testRun(await this.project());
  }

  /**
   * Runs the seven rows of the checklist against the built images, with a real NATS, Postgres and Claude CLI.
   *
   * Never cached: it looks at behaviour in time. Fails with MS-PIPE-004 when a row is red.
   */
  @func({ cache: "never" })
  async testIntegration(
    /** Rows to run, separated by commas, for example 1,4; without it all seven. */
    rows?: string,
    /** Rows whose planted fault is put in, to see that they turn red. */
    fault?: string,
  ): Promise<string> {
    return integrationRun(await this.project(), given({ rows, fault }));
  }

  /**
   * Builds, runs the checklist, publishes to the local registry when it is green, and writes the report.
   *
   * Gives report.json, report.md, report.html, junit.xml, images.json, the bills of materials, the hand-off and the
   * checklist's evidence. It gives the report of a red run too: report.json tells which it was. Never cached.
   */
  @func({ cache: "never" })
  async report(
    /** Database of vulnerabilities, as for supply-chain scan; without it the report says "not scanned". */
    database?: Directory,
    /** Public key of cosign that the published images must be signed with; without it the report says "unsigned". */
    publicKey?: File,
  ): Promise<Directory> {
    return reportRun(await this.project(), given({ database, publicKey }));
  }

  /**
   * Publishes the four images: reconciles the repositories (never deletes), then pushes what is not there yet.
   *
   * Say where to: --local (registry and ECR API inside the graph), --address (any OCI registry), or --aws-region with
   * a key; `ecr` knows every other way. A tag that holds another image is MS-ECR-003 before any change. Never cached.
   */
  @func({ cache: "never" })
  async publish(
    /** Publish to the registry inside the graph, which dagger call registry up serves. */
    local: boolean = false,
    /** Registry with an optional prefix, for example ghcr.io/me. */
    address?: string,
    /** User name of the registry. */
    username?: string,
    /** Password or token of the registry, for example env:TOKEN. */
    password?: Secret,
    /** Certificate of the registry's own authority, PEM. */
    ca?: File,
    /** The registry speaks plain http. */
    insecure: boolean = false,
    /** Region of ECR, for example eu-central-1. */
    awsRegion?: string,
    /** For example env:AWS_ACCESS_KEY_ID. */
    awsAccessKeyId?: Secret,
    /** For example env:AWS_SECRET_ACCESS_KEY. */
    awsSecretAccessKey?: Secret,
    /** Only with temporary credentials, for example env:AWS_SESSION_TOKEN. */
    awsSessionToken?: Secret,
    /** Tag beside latest; without it git- and the commit, or where no clean commit is named and locally the content. */
    tag?: string,
    /** What plan --as-json wrote; anything it does not foresee is MS-ECR-006, before anything is changed. */
    plan?: File,
    /** The registry is private, or Anthropic allows you to pass its CLI on; where it may be public, MS-SUPPLY-012 without it. */
    acceptClaudeTerms: boolean = false,
    /** Platforms, linux/amd64 and linux/arm64; several give an index per image. Without it linux/amd64, with --local the engine's. */
    platforms: string[] = [],
    /** Give images.json of what the registry now holds, for handoff and verify, in place of a text. */
    asJson: boolean = false,
    /** Git's tag of a release, v and the version of package.json: the tags are then version and commit. */
    release?: string,
  ): Promise<string> {
    const aws = { awsRegion, awsAccessKeyId, awsSecretAccessKey, awsSessionToken };
    const there = this.publication(given({ local, address, username, password, ca, insecure, ...aws }));
    return there.publish(tag, plan, acceptClaudeTerms, platforms, asJson, release);
  }

  /**
   * Shows what `publish` with the same arguments would do, as a difference: + new, ~ changed, = stays, ! refused.
   *
   * Changes nothing. Ends with 0 also when there is something to do, unless --fail-on-change is given. Never cached.
   */
  @func({ cache: "never" })
  async plan(
    /** Look at the registry inside the graph. */
    local: boolean = false,
    /** Registry with an optional prefix. */
    address?: string,
    /** User name of the registry. */
    username?: string,
    /** Password or token of the registry. */
    password?: Secret,
    /** Certificate of the registry's own authority, PEM. */
    ca?: File,
    /** The registry speaks plain http. */
    insecure: boolean = false,
    /** Region of ECR. */
    awsRegion?: string,
    /** Access key of ECR. */
    awsAccessKeyId?: Secret,
    /** Secret key of ECR. */
    awsSecretAccessKey?: Secret,
    /** Session token of ECR. */
    awsSessionToken?: Secret,
    /** As for publish. */
    tag?: string,
    /** As JSON, which --plan of publish takes. */
    asJson: boolean = false,
    /** Fail with MS-ECR-007 when there is anything to do. */
    failOnChange: boolean = false,
    /** As for publish. */
    acceptClaudeTerms: boolean = false,
    /** As for publish. */
    platforms: string[] = [],
    /** As for publish. */
    release?: string,
  ): Promise<string> {
    const aws = { awsRegion, awsAccessKeyId, awsSecretAccessKey, awsSessionToken };
    const there = this.publication(given({ local, address, username, password, ca, insecure, ...aws }));
    return there.plan(tag, asJson, failOnChange, acceptClaudeTerms, platforms, release);
  }

  /** Chooses ECR: then keys, profile, web-identity or container, then plan or publish. Builds nothing by itself. */
  @func({ cache: "never" })
  ecr(
    /** For example eu-central-1. */
    region: string,
    /** Account that the credentials must belong to, 12 digits; another is MS-ECR-011 before anything is built. */
    account?: string,
    /** Value of the tag Environment of the repositories. */
    environment?: string,
    /** ARN of the key that encrypts; without it AES256 for new repositories. It cannot be changed later. */
    kmsKey?: string,
    /** Other accounts that may pull. */
    pullAccounts: string[] = [],
  ): EcrAccount {
    const repositories = { pullAccounts, ...(environment && { environment }), ...(kmsKey && { kmsKey }) };
    return new EcrAccount(this.source, this.built(), { region, ...(account && { account }), repositories });
  }

  /** Checks beyond `test`: planted-faults, handoff, registry-zoo, reproducible, platforms, public-bases. */
  @func({ cache: "never" })
  checks(): Checks {
    return new Checks(this.source, this.built());
  }

  /** Wires the whole system; `dagger call stack up` opens its gateway on this machine, and the log shows a token. */
  @func({ cache: "never" })
  async stack(
    /** Key of the Messages API, for example env:ANTHROPIC_API_KEY; without it a stand-in answers. */
    anthropicApiKey?: Secret,
    /** Number of workers. */
    workers: number = 5,
  ): Promise<Service> {
    const front = await stackRun(await this.project(), { workers, ...given({ anthropicApiKey }) });
    return front.asService();
  }

  /** Gives docker-compose.yml with nats.conf and fresh keys: export it, then `docker compose up`. */
  @func({ cache: "never" })
  async compose(
    /** Registry that the images are taken from; the default is what dagger call registry up serves. */
    registry: string = "localhost:5000",
    /** Tag of the images. */
    tag: string = "latest",
  ): Promise<Directory> {
    return composeDirectory(await this.project(), registry, tag);
  }

  /** Gives every image of the system as OCI layout or archive: `make stack` loads them into Docker. */
  @func()
  async images(): Promise<Directory> {
    return imageDirectory(await this.project());
  }

  /**
   * Gives what a platform team needs for ECS: a CloudFormation template, task definitions with images by digest, roles,
   * network, resources, health, logs, environment and cost, as pages and as JSON; README.md lists them. It holds no key.
   *
   * A mistake in a spec is refused with file, line and reason (MS-SPEC-...) before anything is made.
   */
  @func()
  async handoff(
    /** AWS account of the registry, 12 digits; without it that of --images, else the files say ACCOUNT_ID, and the template asks. */
    account?: string,
    /** AWS region; without it that of --images, else the files say REGION, and the template asks. */
    region?: string,
    /** Name of the deployment, in names and tags. */
    environment: string = "production",
    /** Private DNS zone of the services. */
    zone: string = "mistersmith.internal",
    /** What publish --as-json wrote: the images that a registry holds. Without it images are built, and no registry is asked. */
    images?: File,
    /** Platform that the tasks run on: linux/amd64 or linux/arm64. Without it that of --images, else linux/amd64. */
    platform?: string,
  ): Promise<Directory> {
    const there = { ...(account && { account }), ...(region && { region }), environment, zone };
    return handOffRun(await this.project(), images, platform, there);
  }

  /** Gives the registry that `publish --local` fills: `dagger call registry up --ports 5000:5000`, then pull. */
  @func({ cache: "never" })
  async registry(): Promise<Service> {
    return localRegistry(await this.project());
  }

  /** Where the images come from: sbom, scan, licences, lint, attest, verify, canary, tests. */
  @func()
  supplyChain(): SupplyChain {
    return new SupplyChain(this.source, this.built());
  }

  private project(): Promise<Project> {
    return Project.load(this.source, this.built());
  }

  private built(): Commit {
    return commitFrom(this.commit, this.commitDate);
  }

  private publication(values: TargetArguments<Secret, File>): Publication {
    return new Publication(this.source, this.built(), publishTarget(values));
  }
}
