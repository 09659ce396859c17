/** Where a task runs: every value of a task definition that its spec does not know. */
import type { Platform } from "../../spec/platform.ts";
import type { DeploymentNames, Hosts } from "../../spec/references.ts";

/** A text, or an expression of a template that gives one. */
export type Value = string | object;

/** Storage of one server of a cluster. */
export interface NodeStorage {
  fileSystem: Value;
  accessPoint: Value;
}

/** What the emitters of tasks ask for; the plain files answer with texts, the template with expressions. */
export interface TaskPlace {
  region: Value;
  /** Processor that the tasks run on: that of their images. */
  cpuArchitecture: Platform["ecs"];
  /** Addresses of the services in the private DNS zone. */
  hosts: Hosts;
  /** What the deployment is called, as it may stand inside of a text. */
  deployment: DeploymentNames;
  /** Turns a text that may hold such names into a value. */
  text: (text: string) => Value;
  /** Image of a service, by its name. */
  image: (service: string) => Value;
  role: (service: string, kind: RoleKind) => Value;
  /** Where the value of a secret is kept. */
  secret: (name: string) => Value;
  /** Where a generated value that is not secret is kept. */
  config: (name: string) => Value;
  /** Storage of a server of a cluster, by its name. */
  storage: (node: string) => NodeStorage;
}

/** ECS itself uses the execution role, the programs of the task use the task role. */
export type RoleKind = "execution" | "task";

/** Names of the servers of a cluster, from 1 as people count. */
export function nodeNames(service: string, servers: number): string[] {
  return Array.from({ length: servers }, (_, index) => `${service}-${index + 1}`);
}
