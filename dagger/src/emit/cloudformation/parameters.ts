/** What whoever deploys has to say. */
import { secretVariables } from "../../spec/environment.ts";
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { AWS_PREFIX } from "../ecs/resource-tags.ts";
import { logicalId, type Parameters } from "./intrinsics.ts";
import { imageParameter, NAMES, secretParameter, subnetParameter } from "./template-place.ts";

/** Defaults that the caller of the pipeline knows. */
export interface ParameterDefaults {
  account?: string;
  region?: string;
  environment: string;
  zone: string;
  /** Public image of each part that we take as it is. */
  images: Readonly<Record<string, string>>;
}

const CIDR = "^(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}$";
const ARN = "^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\\d{12}:secret:.+$";

/** Name of the parameter that holds the security group of a part that runs elsewhere. */
export function groupParameter(service: string): string {
  return logicalId(service, "SecurityGroup");
}

/** Name of the parameter that holds the number of tasks of a service. */
export function countParameter(service: string, bound: "Count" | "Min" | "Max" = "Count"): string {
  return logicalId(service, bound);
}

/** Name of the parameter that holds the target group of a public port. */
export function targetGroupParameter(service: string, port: string): string {
  return logicalId(service, port, "TargetGroup");
}

/** All parameters. */
export function templateParameters(system: SystemSpec, defaults: ParameterDefaults): Parameters {
  const specs = [...system.values()];
  return {
    ...deploymentParameters(defaults),
    ...networkParameters(specs),
    ...registryParameters(specs, defaults),
    ...secretParameters(specs),
    ...Object.assign({}, ...specs.map(countParameters)),
    ...Object.assign({}, ...specs.map(targetGroupParameters)),
  };
}

function deploymentParameters({ environment, zone }: ParameterDefaults): Parameters {
  return {
    [NAMES.environment]: {
      Type: "String",
      Default: environment,
      AllowedPattern: "^[a-z][a-z0-9-]{0,19}$",
      Description: "Name of this deployment, in names and tags",
    },
    [NAMES.zone]: {
      Type: "String",
      Default: zone,
      Description: "Private DNS zone that is made for the services",
    },
  };
}

function networkParameters(specs: readonly ServiceSpec[]): Parameters {
  const servers = Math.max(...specs.map(({ cluster }) => cluster?.servers ?? 1));
  const subnets = Array.from({ length: servers }, (_, index) => [
    subnetParameter(index),
    {
      Type: "AWS::EC2::Subnet::Id",
      Description: "Subnet of another zone than the others; server and mount target of this number run there",
    },
  ]);
  const elsewhere = specs.filter(({ image, cluster }) => image !== undefined && !cluster);
  return {
    [NAMES.vpc]: { Type: "AWS::EC2::VPC::Id", Description: "Network with DNS names switched on" },
    ...Object.fromEntries(subnets),
    [NAMES.assignPublicIp]: {
      Type: "String",
      Default: "DISABLED",
      AllowedValues: ["DISABLED", "ENABLED"],
      Description: "ENABLED in subnets without a NAT gateway or endpoints",
    },
    [NAMES.clients]: {
      Type: "String",
      AllowedPattern: CIDR,
      Description: "Addresses that may reach the public ports",
    },
    [NAMES.endpoints]: {
      Type: "String",
      Default: "0.0.0.0/0",
      AllowedPattern: CIDR,
      Description: "Addresses of AWS's own APIs: those of the network when it has endpoints for all of them",
    },
    ...Object.fromEntries(
      elsewhere.map(({ name }) => [
        groupParameter(name),
        {
          Type: "AWS::EC2::SecurityGroup::Id",
          Description: `Security group of ${name}, which gets one rule`,
        },
      ]),
    ),
  };
}

function registryParameters(specs: readonly ServiceSpec[], defaults: ParameterDefaults): Parameters {
  const optional = (value: string | undefined) => (value === undefined ? {} : { Default: value });
  const taken = specs.filter(({ cluster }) => cluster !== undefined);
  return {
    [NAMES.registryAccount]: {
      Type: "String",
      AllowedPattern: "^\\d{12}$",
      ...optional(defaults.account),
      Description: "Account of the registry that the images were published to",
    },
    [NAMES.registryRegion]: {
      Type: "String",
      ...optional(defaults.region),
      Description: "Region of that registry",
    },
    ...Object.fromEntries(
      taken.map(({ name }) => [
        imageParameter(name),
        {
          Type: "String",
          ...optional(defaults.images[name]),
          Description: `Image of ${name}; better a copy in the registry, by digest`,
        },
      ]),
    ),
  };
}

function secretParameters(specs: readonly ServiceSpec[]): Parameters {
  const onEcs = specs.filter(({ repository }) => repository !== undefined);
  const secrets = new Map(
    onEcs.flatMap((spec) => secretVariables(spec).map(({ secret, meaning }) => [secret, meaning] as const)),
  );
  return {
    ...Object.fromEntries(
      [...secrets].map(([secret, meaning]) => [
        secretParameter(secret),
        { Type: "String", AllowedPattern: ARN, Description: `ARN of the secret: ${meaning}` },
      ]),
    ),
    [NAMES.secretsKey]: {
      Type: "String",
      Default: "",
      Description: "ARN of the KMS key of the secrets, when it is not the account's own",
    },
    [NAMES.parameterPath]: {
      Type: "String",
      Default: `/${AWS_PREFIX}`,
      AllowedPattern: "^/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]$",
      Description: "Path of the generated values in the Parameter Store",
    },
  };
}

function countParameters({ name, kind, repository, scaling, replicas, rollout }: ServiceSpec): Parameters {
  if (kind !== "service" || repository === undefined) return {};
  const number = (Default: number, Description: string) => ({
    Type: "Number",
    MinValue: 1,
    Default,
    Description,
  });
  if (scaling)
    return {
      [countParameter(name, "Min")]: number(scaling.min, `Fewest tasks of ${name}`),
      [countParameter(name, "Max")]: number(scaling.max, `Most tasks of ${name}`),
    };
  // Two at the same time are what `replace` forbids.
  return rollout === "replace" ? {} : { [countParameter(name)]: number(replicas, `Tasks of ${name}`) };
}

function targetGroupParameters({ name, ports, repository }: ServiceSpec): Parameters {
  if (repository === undefined) return {};
  return Object.fromEntries(
    ports
      .filter((port) => port.public)
      .map((port) => [
        targetGroupParameter(name, port.name),
        { Type: "String", Default: "", Description: `Target group (ip) for port ${port.port}; empty: none` },
      ]),
  );
}
