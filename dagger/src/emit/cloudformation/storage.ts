/**
 * Storage of a cluster: one encrypted file system, and for each server a directory that no other can enter.
 *
 * Why a file system over the network: the only volumes of Fargate that outlive a task are those of EFS. A block
 * volume that ECS attaches to a service's task ends with the task, so that a restart of all servers would lose every
 * stream. What speaks against it (locks and fsync over the network) is met by one writer per directory, three
 * replicas of each stream, and a rollout that ends the old server before the new one starts.
 */
import type { ServiceSpec } from "../../spec/service-spec.ts";
import { resourceTags } from "../ecs/resource-tags.ts";
import { nodeNames } from "../ecs/task-place.ts";
import { attribute, logicalId, type Resource, type Resources, ref } from "./intrinsics.ts";
import { pascalTags } from "./pascal-case.ts";
import { NAMES } from "./template-place.ts";

const OWNER_ONLY = "0750";

/** Logical id of the mount target in the subnet of a server. */
export function mountTargetId(node: string): string {
  return logicalId(node, "MountTarget");
}

/** Makes the file system, a mount target per subnet and an access point per server. */
export function storageResources(spec: ServiceSpec, subnets: readonly object[]): Resources {
  const nodes = nodeNames(spec.name, spec.cluster?.servers ?? 0);
  const targets = nodes.map((node, index) => [mountTargetId(node), mountTarget(subnets[index])]);
  const points = nodes.map((node) => [logicalId(node, "AccessPoint"), accessPoint(spec, node)]);
  return {
    [NAMES.fileSystem]: fileSystem(),
    ...Object.fromEntries(targets),
    ...Object.fromEntries(points),
  };
}

function fileSystem(): Resource {
  return {
    Type: "AWS::EFS::FileSystem",
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      Encrypted: true,
      PerformanceMode: "generalPurpose",
      ThroughputMode: "elastic",
      BackupPolicy: { Status: "ENABLED" },
      // With a policy, whoever has no right of his own has none; without one, the network alone decides.
      FileSystemPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "EncryptedOnly",
            Effect: "Deny",
            Principal: { AWS: "*" },
            Action: [
              "elasticfilesystem:ClientMount",
              "elasticfilesystem:ClientWrite",
              "elasticfilesystem:ClientRootAccess",
            ],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
      FileSystemTags: pascalTags(resourceTags("storage", ref(NAMES.environment))),
    },
  };
}

function mountTarget(subnet: object | undefined): Resource {
  if (!subnet) throw new Error("a server of the cluster has no subnet");
  return {
    Type: "AWS::EFS::MountTarget",
    Properties: {
      FileSystemId: ref(NAMES.fileSystem),
      SubnetId: subnet,
      SecurityGroups: [attribute(NAMES.storageGroup, "GroupId")],
    },
  };
}

function accessPoint({ user }: ServiceSpec, node: string): Resource {
  const id = String(user);
  return {
    Type: "AWS::EFS::AccessPoint",
    Properties: {
      FileSystemId: ref(NAMES.fileSystem),
      PosixUser: { Uid: id, Gid: id },
      RootDirectory: {
        Path: `/${node}`,
        CreationInfo: { OwnerUid: id, OwnerGid: id, Permissions: OWNER_ONLY },
      },
      AccessPointTags: pascalTags(resourceTags(node, ref(NAMES.environment))),
    },
  };
}
