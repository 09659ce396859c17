/** Where the tasks of the template run: every value is a parameter or another resource. */
import type { Platform } from "../../spec/platform.ts";
import type { SystemSpec } from "../../spec/service-spec.ts";
import { zoneHosts } from "../ecs/aws-place.ts";
import type { IamPlace } from "../ecs/iam-policy.ts";
import { AWS_PREFIX } from "../ecs/resource-tags.ts";
import type { TaskPlace, Value } from "../ecs/task-place.ts";
import { attribute, logicalId, ref, sub } from "./intrinsics.ts";

/** Names of parameters and resources that several files need. */
export const NAMES = {
  environment: "Environment",
  vpc: "VpcId",
  assignPublicIp: "AssignPublicIp",
  zone: "ZoneName",
  registryAccount: "RegistryAccount",
  registryRegion: "RegistryRegion",
  parameterPath: "ParameterPath",
  secretsKey: "SecretsKeyArn",
  clients: "ClientsCidr",
  endpoints: "EndpointsCidr",
  cluster: "Cluster",
  providers: "CapacityProviders",
  zoneResource: "Zone",
  fileSystem: "FileSystem",
  storageGroup: "StorageSecurityGroup",
} as const;

/** Name of the cluster, as it may stand inside of a text. */
export const CLUSTER_NAME = `${AWS_PREFIX}-\${${NAMES.environment}}`;

/** Condition: the secrets are encrypted with a key of their own. */
export const HAS_SECRETS_KEY = "HasSecretsKey";

/** Images of the services in the template. */
export interface TemplateImages {
  /** Digest of each image that we build, by its service. */
  digests: Readonly<Record<string, string>>;
  /** What they are for. */
  platform: Platform;
}

/** Parameter that holds the ARN of a secret. */
export function secretParameter(secret: string): string {
  return logicalId(secret, "Secret");
}

/** Parameter that holds the image of a part that we take as it is. */
export function imageParameter(service: string): string {
  return logicalId(service, "Image");
}

/** Parameter that holds the subnet of a server, from 1. */
export function subnetParameter(index: number): string {
  return `Subnet${index + 1}`;
}

/** Address of an image in the registry that the parameters name. */
export function registryImage(repository: string, digest: string): object {
  const { registryAccount, registryRegion } = NAMES;
  return sub(
    `\${${registryAccount}}.dkr.ecr.\${${registryRegion}}.\${AWS::URLSuffix}/${repository}@${digest}`,
  );
}

/** Values of the task definitions. */
export function templatePlace(system: SystemSpec, { digests, platform }: TemplateImages): TaskPlace {
  return {
    region: ref("AWS::Region"),
    cpuArchitecture: platform.ecs,
    hosts: zoneHosts(system, `\${${NAMES.zone}}`),
    deployment: { environment: `\${${NAMES.environment}}` },
    text: textValue,
    image: (service) => {
      const repository = system.get(service)?.repository;
      if (repository === undefined) return ref(imageParameter(service));
      const digest = digests[service];
      if (digest === undefined) throw new Error(`no digest for ${service}`);
      return registryImage(repository, digest);
    },
    role: (service, kind) => attribute(logicalId(service, kind, "Role"), "Arn"),
    secret: (name) => ref(secretParameter(name)),
    config: configArn,
    storage: (node) => ({
      fileSystem: ref(NAMES.fileSystem),
      accessPoint: ref(logicalId(node, "AccessPoint")),
    }),
  };
}

/** Values of the policies. */
export function templateIamPlace(): IamPlace {
  return {
    repository: (name) =>
      sub(
        `arn:\${AWS::Partition}:ecr:\${${NAMES.registryRegion}}:\${${NAMES.registryAccount}}:repository/${name}`,
      ),
    logStreams: (spec) => attribute(logicalId(spec.name, "LogGroup"), "Arn"),
    secret: (name) => ref(secretParameter(name)),
    // Nobody needs a right to use the account's own key; its alias fills the place.
    secretsKey: {
      "Fn::If": [HAS_SECRETS_KEY, ref(NAMES.secretsKey), sub(localArn("kms", "alias/aws/secretsmanager"))],
    },
    secretsService: sub(`secretsmanager.\${AWS::Region}.amazonaws.com`),
    config: configArn,
    fileSystem: storageArn("file-system", NAMES.fileSystem),
    accessPoint: (node) => storageArn("access-point", logicalId(node, "AccessPoint")),
    account: ref("AWS::AccountId"),
    tasks: sub(localArn("ecs", "*")),
  };
}

function configArn(name: string): object {
  return sub(localArn("ssm", `parameter\${${NAMES.parameterPath}}/${name}`));
}

function storageArn(kind: string, resource: string): object {
  return sub(localArn("elasticfilesystem", `${kind}/\${${resource}}`));
}

// Of the account and the region that the stack is in.
function localArn(service: string, resource: string): string {
  return `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;
}

function textValue(text: string): Value {
  return text.includes("${") ? sub(text) : text;
}
