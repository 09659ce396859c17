/** One CloudFormation template that runs the system on Fargate. */
import { stringify } from "yaml";
import type { SystemSpec } from "../../spec/service-spec.ts";
import { resourceTags } from "../ecs/resource-tags.ts";
import type { EmfContract } from "../emf-contract.ts";
import type { NatsPermissions } from "../nats-conf.ts";
import { networkFlows } from "../network-flows.ts";
import { clusterResources } from "./cluster-nodes.ts";
import { attribute, logicalId, type Parameters, type Resources, ref, sub } from "./intrinsics.ts";
import { ownService, type TemplateContext, targetGroupCondition } from "./own-services.ts";
import { type ParameterDefaults, targetGroupParameter, templateParameters } from "./parameters.ts";
import { pascalTags } from "./pascal-case.ts";
import { securityGroups } from "./security-groups.ts";
import {
  CLUSTER_NAME,
  HAS_SECRETS_KEY,
  NAMES,
  subnetParameter,
  type TemplateImages,
  templatePlace,
} from "./template-place.ts";

/** What the template is made from beside the specs. */
export interface TemplateInput extends TemplateImages {
  permissions: NatsPermissions;
  emf: EmfContract;
  defaults: ParameterDefaults;
}

/** The sections of a template. */
export interface Template {
  AWSTemplateFormatVersion: string;
  Description: string;
  Parameters: Parameters;
  Conditions: object;
  Resources: Resources;
  Outputs: object;
}

const HEADER =
  "# Generated from the specs of MisterSmith. docs/deploy-ecs.md leads through it; README.md beside it lists the rest.\n";

/** Writes the template as YAML. */
export function emitCloudformation(system: SystemSpec, input: TemplateInput): string {
  // CloudFormation reads YAML 1.1 without aliases.
  return (
    HEADER +
    stringify(templateOf(system, input), { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })
  );
}

/** Makes the template. */
export function templateOf(system: SystemSpec, input: TemplateInput): Template {
  const context = contextOf(system, input);
  const specs = [...system.values()];
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "MisterSmith on ECS Fargate: agents, workers, gateway, message system",
    Parameters: templateParameters(system, input.defaults),
    Conditions: conditions(system),
    Resources: {
      ...ecsCluster(),
      ...securityGroups(system, context.flows),
      ...Object.assign(
        {},
        ...specs.filter(({ cluster }) => cluster).map((spec) => clusterResources(spec, context)),
      ),
      ...Object.assign(
        {},
        ...specs.filter(({ repository }) => repository).map((spec) => ownService(spec, context)),
      ),
    },
    Outputs: outputs(system),
  };
}

function contextOf(system: SystemSpec, input: TemplateInput): TemplateContext {
  const { permissions, emf } = input;
  const servers = Math.max(...[...system.values()].map(({ cluster }) => cluster?.servers ?? 1));
  const values: Readonly<Record<string, string>> = { Environment: `\${${NAMES.environment}}` };
  const dimensions = emf.dimensions.map((name) => [name, values[name] ?? unknownDimension(name)]);
  return {
    system,
    place: templatePlace(system, input),
    permissions,
    flows: networkFlows(system),
    subnets: Array.from({ length: servers }, (_, index) => ref(subnetParameter(index))),
    metric: { namespace: emf.namespace, name: emf.scaling, dimensions: Object.fromEntries(dimensions) },
  };
}

function ecsCluster(): Resources {
  const tags = pascalTags(resourceTags("cluster", ref(NAMES.environment)));
  return {
    [NAMES.cluster]: {
      Type: "AWS::ECS::Cluster",
      Properties: { ClusterName: sub(CLUSTER_NAME), Tags: tags },
    },
    [NAMES.providers]: {
      Type: "AWS::ECS::ClusterCapacityProviderAssociations",
      Properties: {
        Cluster: ref(NAMES.cluster),
        CapacityProviders: ["FARGATE", "FARGATE_SPOT"],
        DefaultCapacityProviderStrategy: [{ CapacityProvider: "FARGATE", Weight: 1 }],
      },
    },
    [NAMES.zoneResource]: {
      Type: "AWS::ServiceDiscovery::PrivateDnsNamespace",
      Properties: { Name: ref(NAMES.zone), Vpc: ref(NAMES.vpc), Tags: tags },
    },
  };
}

function conditions(system: SystemSpec): object {
  const given = (parameter: string) => ({ "Fn::Not": [{ "Fn::Equals": [ref(parameter), ""] }] });
  const groups = [...system.values()].flatMap(({ name, ports, repository }) =>
    ports
      .filter((port) => port.public && repository !== undefined)
      .map((port) => [targetGroupCondition(name, port.name), given(targetGroupParameter(name, port.name))]),
  );
  return { [HAS_SECRETS_KEY]: given(NAMES.secretsKey), ...Object.fromEntries(groups) };
}

function outputs(system: SystemSpec): object {
  const open = [...system.values()].filter(({ ports }) => ports.some((port) => port.public));
  const tasks = [...system.values()].filter(({ kind }) => kind === "task");
  return {
    ClusterName: { Value: ref(NAMES.cluster) },
    FileSystemId: { Value: ref(NAMES.fileSystem), Description: "Stays when the stack is deleted" },
    ...Object.fromEntries(
      open.map(({ name }) => [logicalId(name, "Host"), { Value: sub(`${name}.\${${NAMES.zone}}`) }]),
    ),
    ...Object.fromEntries(
      tasks.flatMap(({ name }) => [
        [logicalId(name, "TaskDefinition"), { Value: ref(logicalId(name, "TaskDefinition")) }],
        [logicalId(name, "SecurityGroup"), { Value: attribute(logicalId(name, "SecurityGroup"), "GroupId") }],
      ]),
    ),
  };
}

function unknownDimension(name: string): never {
  throw new Error(
    `services/contracts/emf.json asks for the dimension ${name}, which the template does not know`,
  );
}
