/** One container that Docker Compose made. */
import type { ServiceSpec } from "../../../../dagger/src/spec/service-spec.ts";
import { type CgroupCounters, type CgroupPlace, locateCgroup, readCounters } from "../cgroup.ts";
import { type CommandResult, runAsync } from "../command.ts";
import type { Container, ContainerExit } from "../container.ts";
import { until } from "../wait.ts";
import type { ContainerInspection, DockerApi } from "./docker-api.ts";

/** The daemon notes an end a moment after it lets go who waits for it. */
const NOTED_MS = 5000;

/** A container between one start and its end; the daemon may start it again, then there is a new object. */
export class ComposeContainer implements Container {
  readonly name: string;
  readonly spec: ServiceSpec;
  readonly id: string;
  readonly exited: Promise<ContainerExit>;
  readonly #docker: DockerApi;
  readonly #addresses: readonly string[];
  readonly #pid: number;
  readonly #startedAt: number;
  #exit: ContainerExit | undefined;
  #place: CgroupPlace | undefined;

  private constructor(docker: DockerApi, name: string, spec: ServiceSpec, state: ContainerInspection) {
    this.#docker = docker;
    this.name = name;
    this.spec = spec;
    this.id = state.Id;
    this.#pid = state.State.Pid;
    this.#startedAt = Date.parse(state.State.StartedAt);
    this.#addresses = Object.values(state.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
    this.exited = this.#untilExit();
    this.exited.catch(() => undefined);
  }

  /** Finds the container of a name that is known to the daemon. */
  static async find(
    docker: DockerApi,
    id: string,
    name: string,
    spec: ServiceSpec,
  ): Promise<ComposeContainer | undefined> {
    const state = await docker.inspect(id);
    return state && new ComposeContainer(docker, name, spec, state);
  }

  get exit(): ContainerExit | undefined {
    return this.#exit;
  }

  get address(): string {
    const address = this.#addresses[0];
    if (!address) throw new Error(`${this.name} has no address`);
    return address;
  }

  hasAddress(address: string): boolean {
    return this.#addresses.includes(address);
  }

  output(stream: "stdout" | "stderr"): Promise<string> {
    return this.#docker.logs(this.id, stream);
  }

  async started(): Promise<number> {
    return this.#startedAt;
  }

  pid(): number {
    return this.#pid;
  }

  async stop(
    signal: "TERM" | "KILL" = "TERM",
    timeoutMs = 40_000,
  ): Promise<{ code: number; durationMs: number }> {
    const sent = Date.now();
    if (!this.#exit) await this.#docker.act(this.id, `kill?signal=${signal}`);
    const exit = await until(`${this.name} ends after ${signal}`, timeoutMs, () => this.#exit);
    return { code: exit.code, durationMs: exit.at - sent };
  }

  async pause(): Promise<void> {
    await this.#docker.act(this.id, "pause");
  }

  async resume(): Promise<void> {
    await this.#docker.act(this.id, "unpause");
  }

  exec(args: readonly string[], timeoutMs?: number): Promise<CommandResult> {
    return runAsync("docker", ["exec", this.id, ...args], timeoutMs);
  }

  counters(): CgroupCounters {
    this.#place ??= locateCgroup(this.#pid);
    return readCounters(this.#place);
  }

  // A container that the daemon starts again may run by the time it is asked for the code, which is then 0.
  async #untilExit(): Promise<ContainerExit> {
    await this.#docker.wait(this.id);
    const at = Date.now();
    const filters = { container: [this.id], event: ["die"] };
    const code = await until(`the daemon notes the end of ${this.name}`, NOTED_MS, async () => {
      const [end] = await this.#docker.events(filters, this.#startedAt);
      return end?.Actor.Attributes.exitCode;
    });
    this.#exit = { code: Number(code), at };
    return this.#exit;
  }
}
