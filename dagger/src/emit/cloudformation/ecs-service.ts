/** What an ECS service needs around its task definition: log group, name in the DNS zone, rollout. */
import type { ServiceSpec } from "../../spec/service-spec.ts";
import { resourceTags } from "../ecs/resource-tags.ts";
import { attribute, type Resource, ref } from "./intrinsics.ts";
import { pascalTags } from "./pascal-case.ts";
import { groupOf } from "./security-groups.ts";
import { NAMES } from "./template-place.ts";

const DNS_TTL_SECONDS = 10;

/** A service of ECS. */
export interface EcsServiceOptions {
  name: string;
  spec: ServiceSpec;
  /** Logical id of the task definition. */
  task: string;
  subnets: readonly object[];
  /** Logical id of the name in the DNS zone. */
  discovery?: string;
  /** Number of tasks; without it ECS keeps what scaling made of it. */
  count?: number | object;
  /** Two tasks of it at the same time are allowed. */
  overlap: boolean;
  dependsOn: readonly string[];
  extra?: object;
}

/** Makes the service. A deployment that does not come up is taken back by ECS itself. */
export function ecsService(options: EcsServiceOptions): Resource {
  const { name, spec, task, subnets, discovery, count, overlap, dependsOn, extra } = options;
  return {
    Type: "AWS::ECS::Service",
    ...(dependsOn.length > 0 && { DependsOn: dependsOn }),
    Properties: {
      ServiceName: name,
      Cluster: ref(NAMES.cluster),
      TaskDefinition: ref(task),
      ...(count !== undefined && { DesiredCount: count }),
      ...(spec.scaling?.spot ? {} : { LaunchType: "FARGATE" }),
      PlatformVersion: "LATEST",
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: overlap ? 100 : 0,
        MaximumPercent: overlap ? 200 : 100,
      },
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          AssignPublicIp: ref(NAMES.assignPublicIp),
          SecurityGroups: [groupOf(spec.name)],
          Subnets: subnets,
        },
      },
      ...(discovery && { ServiceRegistries: [{ RegistryArn: attribute(discovery, "Arn") }] }),
      EnableECSManagedTags: true,
      PropagateTags: "SERVICE",
      Tags: pascalTags(resourceTags(name, ref(NAMES.environment))),
      ...extra,
    },
  };
}

/** Log group of a service. */
export function logGroup(spec: ServiceSpec): Resource {
  return {
    Type: "AWS::Logs::LogGroup",
    // What a service wrote before the stack was deleted says why.
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      LogGroupName: spec.logs.group,
      RetentionInDays: spec.logs.retentionDays,
      Tags: pascalTags(resourceTags(spec.name, ref(NAMES.environment))),
    },
  };
}

/** Name of the tasks of a service in the DNS zone: one address per task that runs. */
export function discoveryName(name: string): Resource {
  return nameInZone(name, "MULTIVALUE", "A", { HealthCheckCustomConfig: { FailureThreshold: 1 } });
}

/** One name for all servers of a cluster: each question gets one of them. */
export function sharedName(name: string): Resource {
  return nameInZone(name, "WEIGHTED", "CNAME");
}

function nameInZone(name: string, routing: string, record: string, health: object = {}): Resource {
  return {
    Type: "AWS::ServiceDiscovery::Service",
    Properties: {
      Name: name,
      NamespaceId: ref(NAMES.zoneResource),
      DnsConfig: { RoutingPolicy: routing, DnsRecords: [{ Type: record, TTL: DNS_TTL_SECONDS }] },
      ...health,
      Tags: pascalTags(resourceTags(name, ref(NAMES.environment))),
    },
  };
}
