/** Where the plain task definitions run: an account and a region that are known by name. */

import type { Platform } from "../../spec/platform.ts";
import type { Hosts } from "../../spec/references.ts";
import type { SystemSpec } from "../../spec/service-spec.ts";
import type { IamPlace } from "./iam-policy.ts";
import { AWS_PREFIX } from "./resource-tags.ts";
import type { TaskPlace } from "./task-place.ts";
import { nodeNames } from "./task-place.ts";

/** What a person knows of the account. */
export interface AwsAccount {
  /** AWS account, 12 digits. */
  account: string;
  region: string;
  /** For example production; part of names and tags. */
  environment: string;
  /** Private DNS zone of the services. */
  zone: string;
  /** Image of every service by digest, or as it is taken. */
  images: Readonly<Record<string, string>>;
  /** What the images that we build are for. */
  platform: Platform;
}

/** DNS names of the services and of every server of a cluster. */
export function zoneHosts(system: SystemSpec, zone: string): Hosts {
  const names = [...system.values()].flatMap(({ name, cluster }) => [
    name,
    ...nodeNames(name, cluster?.servers ?? 0),
  ]);
  return Object.fromEntries(names.map((name) => [name, `${name}.${zone}`]));
}

/** Values as texts. Ids that only the account knows are words in capitals. */
export function awsPlace(system: SystemSpec, known: AwsAccount): TaskPlace {
  const { account, region, environment, zone, images, platform } = known;
  return {
    region,
    cpuArchitecture: platform.ecs,
    hosts: zoneHosts(system, zone),
    deployment: { environment },
    text: (text) => text,
    image: (service) => images[service] ?? missingImage(service),
    role: (service, kind) => `arn:aws:iam::${account}:role/${AWS_PREFIX}-${service}-${kind}`,
    secret: (name) => `arn:aws:secretsmanager:${region}:${account}:secret:${AWS_PREFIX}/${name}`,
    config: (name) => `arn:aws:ssm:${region}:${account}:parameter/${AWS_PREFIX}/${name}`,
    storage: (node) => ({ fileSystem: "FILE_SYSTEM_ID", accessPoint: `ACCESS_POINT_ID_OF_${node}` }),
  };
}

/** Resources of the policies as texts. */
export function awsIamPlace({ account, region }: AwsAccount): IamPlace {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  return {
    repository: (name) => arn("ecr", `repository/${name}`),
    logStreams: ({ logs }) => arn("logs", `log-group:${logs.group}:log-stream:*`),
    // Secrets Manager adds six characters to the name.
    secret: (name) => arn("secretsmanager", `secret:${AWS_PREFIX}/${name}-??????`),
    secretsKey: arn("kms", "alias/aws/secretsmanager"),
    secretsService: `secretsmanager.${region}.amazonaws.com`,
    config: (name) => arn("ssm", `parameter/${AWS_PREFIX}/${name}`),
    fileSystem: arn("elasticfilesystem", "file-system/FILE_SYSTEM_ID"),
    accessPoint: (node) => arn("elasticfilesystem", `access-point/ACCESS_POINT_ID_OF_${node}`),
    account,
    tasks: arn("ecs", "*"),
  };
}

function missingImage(service: string): never {
  throw new Error(`no image reference for ${service}`);
}
