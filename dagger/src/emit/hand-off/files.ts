/** Every file that a platform team gets, by its path. Pure: the specs were checked before, so all or nothing. */
import { desiredRepository } from "../../publication/repository.ts";
import type { Platform } from "../../spec/platform.ts";
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { emitCloudformation } from "../cloudformation/template.ts";
import { type AwsAccount, awsIamPlace, awsPlace } from "../ecs/aws-place.ts";
import { emitClusterTask } from "../ecs/cluster-task.ts";
import { policyDocument, trustPolicy } from "../ecs/iam-policy.ts";
import { emitTaskDefinition } from "../ecs/task-definition.ts";
import { nodeNames } from "../ecs/task-place.ts";
import type { EmfContract } from "../emf-contract.ts";
import type { NatsPermissions } from "../nats-conf.ts";
import { costsPage, iamPage, networkPage, roleRights } from "./account-pages.ts";
import { documentFiles, type HandOffDocument, jsonFile } from "./document.ts";
import type { ImageDigests } from "./image-digests.ts";
import { environmentPage, healthPage, logsPage, resourcesPage } from "./operations-pages.ts";
import type { PriceTable } from "./price-table.ts";
import { readmeFile } from "./readme.ts";

/** Where the system will run, as far as it is known. */
export interface HandOffOptions {
  /** 12 digits; without it the files say ACCOUNT_ID. */
  account?: string;
  /** Without it the files say REGION. */
  region?: string;
  environment: string;
  zone: string;
}

/** A deployment of which nothing else is known. */
export const HAND_OFF_DEFAULTS: HandOffOptions = { environment: "production", zone: "mistersmith.internal" };

/** What the files are made from beside the specs. */
export interface HandOffInput {
  digests: ImageDigests;
  /** What the images that we build are for; the tasks run there. */
  platform: Platform;
  /** Image of each part that we take as it is. */
  images: Readonly<Record<string, string>>;
  permissions: NatsPermissions;
  emf: EmfContract;
  prices: PriceTable;
}

// What stands in the files for what only the account knows.
const ACCOUNT_ID = "ACCOUNT_ID";
const REGION = "REGION";

/** Makes the files. */
export function handOffFiles(
  system: SystemSpec,
  input: HandOffInput,
  options: HandOffOptions,
): Record<string, string> {
  const known = accountOf(system, input, options);
  const place = awsPlace(system, known);
  const rights = roleRights(system, input.permissions, awsIamPlace(known));
  const own = [...system.values()].filter(({ repository }) => repository !== undefined);
  // As `publish` makes them when it is told nothing more than this.
  const repositories = { pullAccounts: [known.account], environment: known.environment };
  const pages = [
    resourcesPage(system),
    healthPage(system),
    logsPage(system),
    ...own.map((spec) => environmentPage(spec, system, place)),
    networkPage(system),
    iamPage(rights),
    costsPage(system, input),
  ];
  const files = {
    "cloudformation.yaml": emitCloudformation(system, {
      ...input,
      defaults: { ...options, images: input.images },
    }),
    ...taskDefinitions(system, known, input.permissions),
    "repositories.json": jsonFile(own.map((spec) => desiredRepository(spec, repositories))),
    ...policies(rights, known),
    ...Object.assign({}, ...pages.map((page: HandOffDocument) => documentFiles(page))),
  };
  return { "README.md": readmeFile(pages, own), ...files };
}

/** Full reference of every image, those that we build by digest. */
export function imageReferences(
  system: SystemSpec,
  { digests, images }: Pick<HandOffInput, "digests" | "images">,
  options: Pick<HandOffOptions, "account" | "region">,
): Record<string, string> {
  const { account = ACCOUNT_ID, region = REGION } = options;
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const reference = ({ name, repository }: ServiceSpec): string => {
    const image =
      repository === undefined ? images[name] : digests[name] && `${registry}/${repository}@${digests[name]}`;
    if (image === undefined) throw new Error(`no image of ${name}`);
    return image;
  };
  return Object.fromEntries([...system.values()].map((spec) => [spec.name, reference(spec)]));
}

function accountOf(system: SystemSpec, input: HandOffInput, options: HandOffOptions): AwsAccount {
  const { account = ACCOUNT_ID, region = REGION, environment, zone } = options;
  const { platform } = input;
  return { account, region, environment, zone, platform, images: imageReferences(system, input, options) };
}

function taskDefinitions(
  system: SystemSpec,
  known: AwsAccount,
  permissions: NatsPermissions,
): Record<string, string> {
  const place = awsPlace(system, known);
  const definitions = [...system.values()].flatMap((spec): [string, object][] => {
    if (spec.repository !== undefined) return [[spec.name, emitTaskDefinition(spec, system, place)]];
    const nodes = nodeNames(spec.name, spec.cluster?.servers ?? 0);
    return nodes.map((node) => [node, emitClusterTask(spec, system, place, permissions, node)]);
  });
  return Object.fromEntries(
    definitions.map(([name, definition]) => [`task-definitions/${name}.json`, jsonFile(definition)]),
  );
}

function policies(rights: ReturnType<typeof roleRights>, known: AwsAccount): Record<string, string> {
  const allowed = rights.filter(({ statements }) => statements.length > 0);
  return {
    "iam/trust.json": jsonFile(trustPolicy(awsIamPlace(known))),
    ...Object.fromEntries(
      allowed.map(({ role, statements }) => [`iam/${role}.json`, jsonFile(policyDocument(statements))]),
    ),
  };
}
