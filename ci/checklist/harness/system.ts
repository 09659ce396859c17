/** The system under test: NATS, Postgres, the supervisor, the gateway, the workers and the stand-in. */
import type { ServiceSpec, SystemSpec } from "../../../dagger/src/spec/service-spec.ts";
import type { MessagesApi } from "../messages-api/server.ts";
import type { Container } from "./container.ts";
import type { Keys } from "./keys.ts";
import type { Member } from "./topology.ts";

/** Changes for a container that a row starts beside the system. */
export interface ExtraOptions {
  env?: Record<string, string>;
  args?: readonly string[];
}

/**
 * A running system; each row first makes sure of what it needs, so that no row depends on another. The rows know
 * nothing of what runs it: runc inside the pipeline, Docker Compose on a machine.
 */
export interface System {
  readonly specs: SystemSpec;
  readonly keys: Keys;
  readonly members: readonly Member[];
  readonly api: MessagesApi;
  /** Time from the start of the program to ready, of the first start of each container, ms. */
  readonly readyMs: ReadonlyMap<string, number>;
  /** The container that runs now under a member's name. */
  container(name: string): Container;
  /** Every container of a service. */
  containersOf(service: string): Container[];
  /** The container that connections from an address belong to. */
  containerAt(address: string): Container | undefined;
  /** Starts what does not run of these services, each after what it depends on, and waits until they are ready. */
  ensureServices(services: readonly string[]): Promise<void>;
  /** Starts one more container of a service, for one row; it is not waited for. */
  startExtra(name: string, service: string, options?: ExtraOptions): Promise<Container>;
  /** The command that an orchestrator asks for health. */
  healthCommand(spec: ServiceSpec): string[];
  /** Address of a public port, as a client outside of the system uses it. */
  publicUrl(service: string, port: string): string;
  /** Size of the files in a service's image. */
  imageBytes(service: string): Promise<number>;
  /** What every container wrote so far, those of single rows too. */
  outputs(): Promise<{ where: string; text: string }[]>;
}
