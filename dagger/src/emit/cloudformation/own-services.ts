/** The services that we build, and the operator's task. */
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { emitTaskDefinition } from "../ecs/task-definition.ts";
import type { TaskPlace } from "../ecs/task-place.ts";
import { nodeNames } from "../ecs/task-place.ts";
import type { NatsPermissions } from "../nats-conf.ts";
import type { NetworkFlow } from "../network-flows.ts";
import { discoveryName, ecsService, logGroup } from "./ecs-service.ts";
import { logicalId, type Resource, type Resources, ref, valueIf } from "./intrinsics.ts";
import { countParameter, targetGroupParameter } from "./parameters.ts";
import { pascalCase } from "./pascal-case.ts";
import { serviceRoles } from "./roles.ts";
import { scalingResources } from "./scaling.ts";
import { NAMES } from "./template-place.ts";

/** What every part of the template is made from. */
export interface TemplateContext {
  system: SystemSpec;
  place: TaskPlace;
  permissions: NatsPermissions;
  flows: readonly NetworkFlow[];
  subnets: readonly object[];
  metric: { namespace: string; name: string; dimensions: Readonly<Record<string, string>> };
}

/** Resources of one service that we build. */
export function ownService(spec: ServiceSpec, context: TemplateContext): Resources {
  const { system, place, permissions } = context;
  const task = logicalId(spec.name, "TaskDefinition");
  return {
    [logicalId(spec.name, "LogGroup")]: logGroup(spec),
    ...serviceRoles(spec, system, permissions, [spec.name]),
    [task]: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: pascalCase(emitTaskDefinition(spec, system, place)) as object,
    },
    ...(spec.kind === "service" ? running(spec, task, context) : {}),
  };
}

/** Logical ids of the services that have to run before another. */
export function servicesBefore(spec: ServiceSpec, system: SystemSpec): string[] {
  return spec.dependsOn.flatMap((name) => {
    const before = system.get(name);
    if (before?.cluster) return nodeNames(name, before.cluster.servers).slice(-1).map(serviceId);
    return before?.repository !== undefined ? [serviceId(name)] : [];
  });
}

/** Logical id of a service of ECS. */
export function serviceId(name: string): string {
  return logicalId(name, "Service");
}

/** Condition: a public port has a target group. */
export function targetGroupCondition(service: string, port: string): string {
  return `Has${targetGroupParameter(service, port)}`;
}

function running(spec: ServiceSpec, task: string, context: TemplateContext): Resources {
  const { flows, subnets, system } = context;
  const found = flows.some(({ to }) => to === spec.name);
  const discovery = logicalId(spec.name, "Name");
  const single = spec.rollout === "replace";
  const service = ecsService({
    name: spec.name,
    spec,
    task,
    subnets,
    ...(found && { discovery }),
    ...(!spec.scaling && { count: single ? spec.replicas : ref(countParameter(spec.name)) }),
    overlap: !single,
    dependsOn: [...servicesBefore(spec, system), ...(spec.scaling ? [NAMES.providers] : [])],
    extra: { ...capacity(spec), ...loadBalancers(spec) },
  });
  return {
    ...(found && { [discovery]: discoveryName(spec.name) }),
    [serviceId(spec.name)]: service,
    ...scalingResources(spec, context.metric),
  } as Record<string, Resource>;
}

// The fewest tasks stay on capacity that is not taken away.
function capacity({ scaling }: ServiceSpec): object {
  if (!scaling?.spot) return {};
  return {
    CapacityProviderStrategy: [
      { CapacityProvider: "FARGATE", Base: scaling.min, Weight: 0 },
      { CapacityProvider: "FARGATE_SPOT", Weight: 1 },
    ],
  };
}

function loadBalancers(spec: ServiceSpec): object {
  const open = spec.ports.filter((port) => port.public);
  if (open.length === 0) return {};
  return {
    LoadBalancers: open.map((port) =>
      valueIf(targetGroupCondition(spec.name, port.name), {
        ContainerName: spec.name,
        ContainerPort: port.port,
        TargetGroupArn: ref(targetGroupParameter(spec.name, port.name)),
      }),
    ),
  };
}
