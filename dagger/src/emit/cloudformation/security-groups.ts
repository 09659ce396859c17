/** Security groups: one per service, and a pair of rules for each connection of the network matrix. */
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { resourceTags } from "../ecs/resource-tags.ts";
import { type NetworkFlow, PEERS } from "../network-flows.ts";
import { attribute, logicalId, type Resources, ref } from "./intrinsics.ts";
import { groupParameter } from "./parameters.ts";
import { pascalTags } from "./pascal-case.ts";
import { NAMES } from "./template-place.ts";

const ANYWHERE = "0.0.0.0/0";
const LOOPBACK = "127.0.0.1/32";

/** Id of the security group of a service. */
export function groupOf(service: string): object {
  return attribute(logicalId(service, "SecurityGroup"), "GroupId");
}

/** Makes the groups and their rules. */
export function securityGroups(system: SystemSpec, flows: readonly NetworkFlow[]): Resources {
  const onEcs = [...system.values()].filter((spec) => spec.repository !== undefined || spec.cluster);
  const groups = onEcs.map((spec) => [logicalId(spec.name, "SecurityGroup"), serviceGroup(spec, flows)]);
  return {
    ...Object.fromEntries(groups),
    ...storageGroup(flows),
    ...Object.assign({}, ...flows.map((flow) => rules(flow, system))),
  };
}

// A group without a rule for what leaves it would let everything out, so each says where to.
function serviceGroup(spec: ServiceSpec, flows: readonly NetworkFlow[]) {
  const outside = flows.filter(
    ({ from, to }) => from === spec.name && (to === PEERS.aws || to === PEERS.internet),
  );
  return {
    Type: "AWS::EC2::SecurityGroup",
    Properties: {
      GroupDescription: `mistersmith ${spec.name}`,
      VpcId: ref(NAMES.vpc),
      SecurityGroupEgress: outside.map(({ to, port, why }) => ({
        ...tcp(port),
        CidrIp: to === PEERS.aws ? ref(NAMES.endpoints) : ANYWHERE,
        Description: why,
      })),
      Tags: pascalTags(resourceTags(spec.name, ref(NAMES.environment))),
    },
  };
}

function storageGroup(flows: readonly NetworkFlow[]): Resources {
  const flow = flows.find(({ to }) => to === PEERS.storage);
  if (!flow) return {};
  return {
    [NAMES.storageGroup]: {
      Type: "AWS::EC2::SecurityGroup",
      Properties: {
        GroupDescription: `mistersmith storage of ${flow.from}`,
        VpcId: ref(NAMES.vpc),
        SecurityGroupEgress: [
          { ...tcp(flow.port), CidrIp: LOOPBACK, Description: "nothing: it only answers" },
        ],
        Tags: pascalTags(resourceTags(PEERS.storage, ref(NAMES.environment))),
      },
    },
  };
}

function rules(flow: NetworkFlow, system: SystemSpec): Resources {
  const { from, to, port } = flow;
  if (to === PEERS.aws || to === PEERS.internet) return {};
  const id = logicalId(from, "To", to, String(port));
  const target = targetGroup(to, system);
  const ingress = { Type: "AWS::EC2::SecurityGroupIngress", Properties: { GroupId: target, ...tcp(port) } };
  const Description = `${from} to ${to}`;
  if (from === PEERS.clients) {
    const Properties = { ...ingress.Properties, CidrIp: ref(NAMES.clients), Description };
    return { [`${id}Ingress`]: { ...ingress, Properties } };
  }
  const source = groupOf(from);
  return {
    [`${id}Egress`]: {
      Type: "AWS::EC2::SecurityGroupEgress",
      Properties: { GroupId: source, ...tcp(port), DestinationSecurityGroupId: target, Description },
    },
    [`${id}Ingress`]: {
      ...ingress,
      Properties: { ...ingress.Properties, SourceSecurityGroupId: source, Description },
    },
  };
}

function targetGroup(to: string, system: SystemSpec): object {
  if (to === PEERS.storage) return attribute(NAMES.storageGroup, "GroupId");
  const spec = system.get(to);
  return spec?.repository !== undefined || spec?.cluster ? groupOf(to) : ref(groupParameter(to));
}

function tcp(port: number): object {
  return { IpProtocol: "tcp", FromPort: port, ToPort: port };
}
