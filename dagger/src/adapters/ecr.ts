/** The ECR API: repositories, their settings, the registry's login. The SDK is loaded when it is needed. */
import type { ECRClient, Repository } from "@aws-sdk/client-ecr";
import { explained } from "../errors.ts";
import { type AwsAccess, checkRegion } from "../publication/aws-source.ts";
import type { RegistryLogin } from "../publication/registry-token.ts";
import { type Difference, MOVING_TAG, ownTags, type RepositorySettings } from "../publication/repository.ts";
import { asked, clientSettings, type ReadableSecret } from "./aws-session.ts";

/** What is known of an image that was pushed. */
export interface PushedImage {
  repository: string;
  tag: string;
  digest: string;
  manifest: string;
}

/** One account's registry in one region. */
export class Ecr {
  readonly #client: ECRClient;
  readonly #region: string;

  private constructor(client: ECRClient, region: string) {
    this.#client = client;
    this.#region = region;
  }

  /** Connects; nothing is asked yet. */
  static async connect(access: AwsAccess<ReadableSecret>): Promise<Ecr> {
    const { ECRClient } = await import("@aws-sdk/client-ecr");
    return new Ecr(new ECRClient(clientSettings(access)), access.region);
  }

  /** A fresh login of the registry. */
  async login(): Promise<RegistryLogin> {
    const { GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
    const answer = await asked("asking for a token", () =>
      this.#client.send(new GetAuthorizationTokenCommand({})),
    );
    const [data] = answer.authorizationData ?? [];
    const pair = Buffer.from(data?.authorizationToken ?? "", "base64").toString("utf8");
    const colon = pair.indexOf(":");
    const { host } = new URL(data?.proxyEndpoint ?? "");
    checkRegion(this.#region, host);
    return {
      host,
      username: pair.slice(0, colon),
      password: pair.slice(colon + 1),
      expires: data?.expiresAt?.getTime() ?? 0,
    };
  }

  /** Settings of a repository; nothing when it is not there. */
  async settings(name: string): Promise<RepositorySettings | undefined> {
    return asked(`reading ${name}`, () => this.#settings(name));
  }

  async #settings(name: string): Promise<RepositorySettings | undefined> {
    const ecr = await import("@aws-sdk/client-ecr");
    const repositoryName = name;
    const found = await absentIf("RepositoryNotFoundException", () =>
      this.#client.send(new ecr.DescribeRepositoriesCommand({ repositoryNames: [name] })),
    );
    const repository = found?.repositories?.[0];
    if (!repository) return undefined;
    const resourceArn = repository.repositoryArn;
    const [lifecycle, policy, tags] = await Promise.all([
      absentIf("LifecyclePolicyNotFoundException", () =>
        this.#client.send(new ecr.GetLifecyclePolicyCommand({ repositoryName })),
      ),
      absentIf("RepositoryPolicyNotFoundException", () =>
        this.#client.send(new ecr.GetRepositoryPolicyCommand({ repositoryName })),
      ),
      this.#client.send(new ecr.ListTagsForResourceCommand({ resourceArn })),
    ]);
    return {
      name,
      immutableTags: hasImmutableTags(repository),
      scanOnPush: repository.imageScanningConfiguration?.scanOnPush === true,
      encryption: encryptionText(repository),
      lifecycle: lifecycle?.lifecyclePolicyText ?? "",
      policy: policy?.policyText ?? "",
      tags: Object.fromEntries((tags.tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  /** Creates a repository; one that is there already gets the settings. */
  async create(settings: RepositorySettings, differences: readonly Difference[]): Promise<void> {
    await explained("MS-ECR-004", `creating ${settings.name}`, () => this.#create(settings, differences));
  }

  /** Changes the settings that differ. */
  async update(settings: RepositorySettings, differences: readonly Difference[]): Promise<void> {
    await explained("MS-ECR-004", `updating ${settings.name}`, () => this.#update(settings, differences));
  }

  /** Tells a registry API without an image store what was pushed elsewhere; an image it knows is fine. */
  async record(image: PushedImage): Promise<void> {
    await explained("MS-ECR-004", `recording ${image.repository}:${image.tag}`, () => this.#record(image));
  }

  async #create(settings: RepositorySettings, differences: readonly Difference[]): Promise<void> {
    const ecr = await import("@aws-sdk/client-ecr");
    const made = await absentIf("RepositoryAlreadyExistsException", () =>
      this.#client.send(
        new ecr.CreateRepositoryCommand({
          repositoryName: settings.name,
          ...mutability(),
          imageScanningConfiguration: { scanOnPush: settings.scanOnPush },
          encryptionConfiguration: encryptionConfiguration(settings),
          tags: tagList(settings),
        }),
      ),
    );
    const atOnce: Difference["setting"][] = ["immutableTags", "scanOnPush", "tags"];
    await this.#update(
      settings,
      differences.filter(({ setting }) => !made || !atOnce.includes(setting)),
    );
  }

  async #update(settings: RepositorySettings, differences: readonly Difference[]): Promise<void> {
    const ecr = await import("@aws-sdk/client-ecr");
    const repositoryName = settings.name;
    const client = this.#client;
    const { scanOnPush, lifecycle: lifecyclePolicyText, policy: policyText } = settings;
    const change: Record<Difference["setting"], () => Promise<unknown>> = {
      immutableTags: () =>
        client.send(new ecr.PutImageTagMutabilityCommand({ repositoryName, ...mutability() })),
      scanOnPush: () =>
        client.send(
          new ecr.PutImageScanningConfigurationCommand({
            repositoryName,
            imageScanningConfiguration: { scanOnPush },
          }),
        ),
      encryption: async () => undefined,
      lifecycle: () =>
        client.send(new ecr.PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText })),
      policy: () => client.send(new ecr.SetRepositoryPolicyCommand({ repositoryName, policyText })),
      tags: async () => client.send(new ecr.TagResourceCommand(await this.#tagging(settings))),
    };
    for (const { setting } of differences) await change[setting]();
  }

  async #record({ repository, tag, digest, manifest }: PushedImage): Promise<void> {
    const { PutImageCommand } = await import("@aws-sdk/client-ecr");
    const image = { repositoryName: repository, imageTag: tag, imageDigest: digest, imageManifest: manifest };
    await absentIf("ImageAlreadyExistsException", () => this.#client.send(new PutImageCommand(image)));
  }

  async #tagging(settings: RepositorySettings) {
    const ecr = await import("@aws-sdk/client-ecr");
    const found = await this.#client.send(
      new ecr.DescribeRepositoriesCommand({ repositoryNames: [settings.name] }),
    );
    return { resourceArn: found.repositories?.[0]?.repositoryArn, tags: tagList(settings) };
  }
}

function mutability() {
  return {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" as const,
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD" as const, filter: MOVING_TAG }],
  };
}

function hasImmutableTags(repository: Repository): boolean {
  const filters = repository.imageTagMutabilityExclusionFilters ?? [];
  return (
    repository.imageTagMutability === "IMMUTABLE_WITH_EXCLUSION" &&
    filters.length === 1 &&
    filters[0]?.filter === MOVING_TAG
  );
}

function encryptionText({ encryptionConfiguration }: Repository): string {
  const { encryptionType = "AES256", kmsKey } = encryptionConfiguration ?? {};
  return kmsKey ? `${encryptionType} ${kmsKey}` : encryptionType;
}

function encryptionConfiguration({ encryption }: RepositorySettings) {
  const [type = "AES256", kmsKey] = encryption.split(" ");
  return { encryptionType: type as "AES256" | "KMS", ...(kmsKey && { kmsKey }) };
}

function tagList(settings: RepositorySettings) {
  return Object.entries(ownTags(settings.tags)).map(([Key, Value]) => ({ Key, Value }));
}

async function absentIf<T>(name: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && error.name === name) return undefined;
    throw error;
  }
}
