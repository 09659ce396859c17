/** The ECR API: repositories, their settings, a token for one publication. The SDK is loaded when it is needed. */
import type { ECRClient, Repository } from "@aws-sdk/client-ecr";
import { explain } from "../errors.ts";
import {
  desiredRepository,
  MOVING_TAG,
  type RepositoryChange,
  type RepositorySettings,
  repositoryChange,
} from "../publication/repository.ts";
import type { ServiceSpec } from "../spec/service-spec.ts";

/** Who we are for the API. */
export interface EcrCredentials {
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Other address of the API, for a stand-in. */
  endpoint?: string;
}

/** Host of the registry with the name and the password that it takes for some hours. */
export interface RegistryLogin {
  host: string;
  username: string;
  password: string;
}

const ATTEMPTS = 3;

/** One account's registry. */
export class Ecr {
  readonly #client: ECRClient;

  private constructor(client: ECRClient) {
    this.#client = client;
  }

  /** Connects; nothing is asked yet. */
  static async connect(credentials: EcrCredentials): Promise<Ecr> {
    const { ECRClient } = await import("@aws-sdk/client-ecr");
    const { region, endpoint, ...identity } = credentials;
    const address = endpoint === undefined ? {} : { endpoint };
    return new Ecr(new ECRClient({ region, credentials: identity, maxAttempts: ATTEMPTS, ...address }));
  }

  /** A fresh token; it is asked for in each publication and kept nowhere. */
  async login(): Promise<RegistryLogin> {
    const { GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
    return this.#asked("asking for a token", async () => {
      const answer = await this.#client.send(new GetAuthorizationTokenCommand({}));
      const [data] = answer.authorizationData ?? [];
      const [username = "", password = ""] = Buffer.from(data?.authorizationToken ?? "", "base64")
        .toString("utf8")
        .split(":");
      return { host: new URL(data?.proxyEndpoint ?? "").host, username, password };
    });
  }

  /** What each repository lacks. */
  async changes(specs: readonly ServiceSpec[]): Promise<RepositoryChange[]> {
    return this.#asked("reading the repositories", () =>
      Promise.all(
        specs.map(async (spec) => {
          const desired = desiredRepository(spec);
          return repositoryChange(desired, await this.#settings(desired.name));
        }),
      ),
    );
  }

  /** Makes what is missing and changes what drifted. */
  async apply(specs: readonly ServiceSpec[], changes: readonly RepositoryChange[]): Promise<void> {
    for (const spec of specs) {
      const desired = desiredRepository(spec);
      const change = changes.find(({ name }) => name === desired.name);
      if (change?.action === "create")
        await this.#asked(`creating ${desired.name}`, () => this.#create(desired));
      if (change?.action === "update")
        await this.#asked(`updating ${desired.name}`, () => this.#update(desired, change.differences));
    }
  }

  /** Tells a registry API without an image store what was pushed elsewhere; an image it knows is fine. */
  async record(repository: string, tag: string, digest: string, manifest: string): Promise<void> {
    const { PutImageCommand } = await import("@aws-sdk/client-ecr");
    await this.#asked(`recording ${repository}:${tag}`, async () => {
      const image = {
        repositoryName: repository,
        imageTag: tag,
        imageDigest: digest,
        imageManifest: manifest,
      };
      try {
        await this.#client.send(new PutImageCommand(image));
      } catch (error) {
        if (!isNamed(error, "ImageAlreadyExistsException")) throw error;
      }
    });
  }

  async #settings(name: string): Promise<RepositorySettings | undefined> {
    const ecr = await import("@aws-sdk/client-ecr");
    const found = await absentIf("RepositoryNotFoundException", () =>
      this.#client.send(new ecr.DescribeRepositoriesCommand({ repositoryNames: [name] })),
    );
    const repository = found?.repositories?.[0];
    if (!repository) return undefined;
    const lifecycle = await absentIf("LifecyclePolicyNotFoundException", () =>
      this.#client.send(new ecr.GetLifecyclePolicyCommand({ repositoryName: name })),
    );
    const tags = await this.#client.send(
      new ecr.ListTagsForResourceCommand({ resourceArn: repository.repositoryArn }),
    );
    return {
      name,
      immutableTags: hasImmutableTags(repository),
      scanOnPush: repository.imageScanningConfiguration?.scanOnPush === true,
      lifecycle: lifecycle?.lifecyclePolicyText ?? "",
      tags: Object.fromEntries((tags.tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  }

  async #create(desired: RepositorySettings): Promise<void> {
    const { CreateRepositoryCommand } = await import("@aws-sdk/client-ecr");
    await this.#client.send(
      new CreateRepositoryCommand({
        repositoryName: desired.name,
        ...mutability(),
        imageScanningConfiguration: { scanOnPush: desired.scanOnPush },
        tags: tagList(desired),
      }),
    );
    await this.#update(desired, ["lifecycle"]);
  }

  async #update(
    desired: RepositorySettings,
    differences: readonly (keyof RepositorySettings)[],
  ): Promise<void> {
    const ecr = await import("@aws-sdk/client-ecr");
    const repositoryName = desired.name;
    if (differences.includes("immutableTags"))
      await this.#client.send(new ecr.PutImageTagMutabilityCommand({ repositoryName, ...mutability() }));
    if (differences.includes("scanOnPush"))
      await this.#client.send(
        new ecr.PutImageScanningConfigurationCommand({
          repositoryName,
          imageScanningConfiguration: { scanOnPush: desired.scanOnPush },
        }),
      );
    if (differences.includes("lifecycle"))
      await this.#client.send(
        new ecr.PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: desired.lifecycle }),
      );
    if (differences.includes("tags")) {
      const found = await this.#client.send(
        new ecr.DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
      );
      const resourceArn = found.repositories?.[0]?.repositoryArn;
      await this.#client.send(new ecr.TagResourceCommand({ resourceArn, tags: tagList(desired) }));
    }
  }

  async #asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw explain("MS-ECR-004", `${what} failed`, error);
    }
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

function tagList(desired: RepositorySettings) {
  return Object.entries(desired.tags).map(([Key, Value]) => ({ Key, Value }));
}

async function absentIf<T>(name: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNamed(error, name)) return undefined;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
