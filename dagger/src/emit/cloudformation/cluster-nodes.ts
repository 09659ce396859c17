/** The servers of a cluster: a service of one task each, so that each keeps its name, its zone and its storage. */
import type { ServiceSpec } from "../../spec/service-spec.ts";
import { emitClusterTask } from "../ecs/cluster-task.ts";
import { nodeNames } from "../ecs/task-place.ts";
import { discoveryName, ecsService, logGroup, sharedName } from "./ecs-service.ts";
import { logicalId, type Resources, ref, sub } from "./intrinsics.ts";
import { serviceId, type TemplateContext } from "./own-services.ts";
import { pascalCase } from "./pascal-case.ts";
import { serviceRoles } from "./roles.ts";
import { mountTargetId, storageResources } from "./storage.ts";
import { NAMES } from "./template-place.ts";

/** Resources of a cluster. */
export function clusterResources(spec: ServiceSpec, context: TemplateContext): Resources {
  const { system, permissions, subnets } = context;
  const nodes = nodeNames(spec.name, spec.cluster?.servers ?? 0);
  const name = logicalId(spec.name, "Name");
  return {
    [logicalId(spec.name, "LogGroup")]: logGroup(spec),
    ...serviceRoles(spec, system, permissions, nodes),
    ...storageResources(spec, subnets),
    [name]: sharedName(spec.name),
    ...Object.assign({}, ...nodes.map((node) => member(name, node))),
    ...Object.assign({}, ...nodes.map((_, index) => server(spec, context, nodes, index))),
  };
}

function member(name: string, node: string): Resources {
  return {
    [logicalId(node, "Member")]: {
      Type: "AWS::ServiceDiscovery::Instance",
      Properties: {
        ServiceId: ref(name),
        InstanceId: node,
        InstanceAttributes: { AWS_INSTANCE_CNAME: sub(`${node}.\${${NAMES.zone}}`) },
      },
    },
  };
}

function server(
  spec: ServiceSpec,
  context: TemplateContext,
  nodes: readonly string[],
  index: number,
): Resources {
  const { system, place, permissions, subnets } = context;
  const node = nodes[index] ?? spec.name;
  const before = nodes[index - 1];
  const subnet = subnets[index];
  if (!subnet) throw new Error(`${node} has no subnet`);
  const task = logicalId(node, "TaskDefinition");
  const discovery = logicalId(node, "Name");
  return {
    [task]: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: pascalCase(emitClusterTask(spec, system, place, permissions, node)) as object,
    },
    [discovery]: discoveryName(node),
    [serviceId(node)]: ecsService({
      name: node,
      spec,
      task,
      subnets: [subnet],
      discovery,
      count: 1,
      // Never two servers on one storage.
      overlap: false,
      // One after the other, so that an update never ends more than one server at a time.
      dependsOn: [mountTargetId(node), ...(before ? [serviceId(before)] : [])],
    }),
  };
}
