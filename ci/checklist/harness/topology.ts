/** Which containers there are, and where. */
import {
  portOf,
  type ServiceSpec,
  type SystemSpec,
  serviceOf,
} from "../../../dagger/src/spec/service-spec.ts";
import { addressOf } from "./runc/network.ts";

/** One container of the system. */
export interface Member {
  /** Name of the container and of its host. */
  name: string;
  service: string;
  /** Counts from 1 within the service. */
  instance: number;
  host: number;
}

const FIRST_HOST: Readonly<Record<string, number>> = {
  nats: 2,
  postgres: 3,
  supervisor: 4,
  "mcp-gateway": 5,
  "claude-worker": 11,
};

/** Host numbers from here on are for containers that single rows start. */
export const FIRST_EXTRA_HOST = 100;

/** Every container of the system, each after what it depends on. */
export function membersOf(system: SystemSpec): Member[] {
  const members: Member[] = [];
  for (const spec of system.values()) {
    const first = FIRST_HOST[spec.name];
    if (first === undefined || spec.kind !== "service") continue;
    for (let index = 0; index < spec.replicas; index += 1)
      members.push({
        name: spec.replicas === 1 ? spec.name : `${spec.name}-${index + 1}`,
        service: spec.name,
        instance: index + 1,
        host: first + index,
      });
  }
  return members;
}

/** Address of every member by its name. */
export function hostsOf(members: readonly Member[]): Record<string, string> {
  return Object.fromEntries(members.map((member) => [member.name, addressOf(member.host)]));
}

/** `http://address:port` of a service's named port. */
export function urlOf(spec: ServiceSpec, address: string, port = "http"): string {
  return `http://${address}:${portOf(spec, port).port}`;
}

/** Spec of a member. */
export function specOf(system: SystemSpec, member: Member): ServiceSpec {
  return serviceOf(system, member.service);
}
