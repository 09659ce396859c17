/** The system under test as containers of runc, in namespaces of the checklist's own. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { emitNatsConf } from "../../../../dagger/src/emit/nats-conf.ts";
import { type ServiceSpec, type SystemSpec, serviceOf } from "../../../../dagger/src/spec/service-spec.ts";
import { type Fault, faultOf } from "../../../faults/faults.ts";
import type { MessagesApi } from "../../messages-api/server.ts";
import { provision, SECRETS_PATH } from "../environment.ts";
import { waitUntilReady } from "../health.ts";
import type { Keys } from "../keys.ts";
import { type PreparedRun, prepareRun } from "../prepare-run.ts";
import { createProbe, PROBE_PATH } from "../probe.ts";
import { ReadyTimes } from "../ready-times.ts";
import type { Settings } from "../settings.ts";
import type { ExtraOptions, System } from "../system.ts";
import { FIRST_EXTRA_HOST, hostsOf, type Member, membersOf, specOf, urlOf } from "../topology.ts";
import { type ContainerPlan, RuncContainer, type RunDirectories } from "./container.ts";
import { commandLine, readImage } from "./image.ts";
import { sizeOfTree } from "./image-size.ts";
import { createNetwork, HARNESS_ADDRESS, type Network, type NetworkPlace, writeHosts } from "./network.ts";

const READY_MS = 30_000;

/** A running system. */
export class RuncSystem implements System {
  readonly specs: SystemSpec;
  readonly keys: Keys;
  readonly #settings: Settings;
  readonly #faults: readonly Fault[];
  readonly members: readonly Member[];
  readonly api: MessagesApi;
  readonly #ready: ReadyTimes;
  readonly #network: Network;
  readonly #directories: RunDirectories;
  readonly #places = new Map<string, NetworkPlace>();
  readonly #containers = new Map<string, RuncContainer>();
  #generation = 0;
  #nextHost = FIRST_EXTRA_HOST;

  private constructor(settings: Settings, { specs, keys, api }: PreparedRun) {
    this.#settings = settings;
    this.specs = specs;
    this.keys = keys;
    this.api = api;
    this.#faults = settings.faults.map((row) => faultOf(row, keys.anthropicApiKey));
    this.members = membersOf(specs);
    this.#ready = new ReadyTimes(this.members, settings.outDir);
    this.#directories = {
      work: settings.workDir,
      logs: `${settings.outDir}/logs`,
      group: settings.cgroup,
    };
    this.#network = createNetwork();
  }

  /** Makes keys, network and configuration; `ensure` and `ensureServices` start the containers. */
  static async start(settings: Settings): Promise<RuncSystem> {
    const prepared = await prepareRun(settings);
    const { specs, permissions, keys } = prepared;
    const system = new RuncSystem(settings, prepared);
    const { work, logs } = system.#directories;
    for (const directory of [work, logs]) mkdirSync(directory, { recursive: true });
    createProbe(system.#probe);
    writeHosts(system.#hostsFile, hostsOf(system.members));
    const publicKeys = Object.fromEntries(
      Object.entries(keys.nats).map(([role, key]) => [role, key.publicKey]),
    );
    writeFileSync(system.#natsConf, emitNatsConf(serviceOf(specs, "nats"), permissions, publicKeys));
    return system;
  }

  get readyMs(): ReadonlyMap<string, number> {
    return this.#ready.byMember;
  }

  container(name: string): RuncContainer {
    const container = this.#containers.get(name);
    if (!container) throw new Error(`no container ${name}`);
    return container;
  }

  containersOf(service: string): RuncContainer[] {
    return this.members
      .filter((member) => member.service === service)
      .map(({ name }) => this.container(name));
  }

  containerAt(address: string): RuncContainer | undefined {
    return [...this.#containers.values()].find((container) => container.hasAddress(address));
  }

  async ensureServices(services: readonly string[]): Promise<void> {
    const members = this.members.filter((member) => services.includes(member.service));
    const own = members.filter((member) => !serviceOf(this.specs, member.service).image);
    await Promise.all(members.filter((member) => !own.includes(member)).map(({ name }) => this.ensure(name)));
    for (const service of new Set(own.map((member) => member.service)))
      await Promise.all(
        own.filter((member) => member.service === service).map(({ name }) => this.ensure(name)),
      );
  }

  /** Starts a member again if it ended, and waits until it is ready. */
  async ensure(name: string): Promise<RuncContainer> {
    const member = this.members.find((candidate) => candidate.name === name);
    if (!member) throw new Error(`no member ${name}`);
    const running = this.#containers.get(name);
    if (running && !running.exit) {
      await waitUntilReady(running, READY_MS);
      return running;
    }
    const container = this.#start(this.#planOf(member));
    this.#containers.set(name, container);
    const started = await container.started();
    await waitUntilReady(container, READY_MS);
    if (!this.readyMs.has(name)) this.#ready.note(member, Date.now() - started);
    return container;
  }

  async startExtra(name: string, service: string, options: ExtraOptions = {}): Promise<RuncContainer> {
    const spec = serviceOf(this.specs, service);
    const member: Member = { name, service, instance: 0, host: this.#nextHost++ };
    const plan = this.#planOf(member);
    const env = { ...plan.bundle.env, ...options.env };
    for (const variable of Object.keys(options.env ?? {})) delete env[`${variable}_FILE`];
    const args = options.args ? [...spec.entrypoint, ...options.args] : undefined;
    return this.#start({ ...plan, bundle: { ...plan.bundle, env, ...(args && { args }) } });
  }

  publicUrl(service: string, port: string): string {
    const { spec, address } = this.container(service);
    return urlOf(spec, address, port);
  }

  async imageBytes(service: string): Promise<number> {
    return sizeOfTree(readImage(this.#settings.imagesDir, service).rootfs);
  }

  async outputs(): Promise<{ where: string; text: string }[]> {
    const { logs } = this.#directories;
    return readdirSync(logs).map((file) => ({ where: file, text: readFileSync(`${logs}/${file}`, "utf8") }));
  }

  healthCommand(spec: ServiceSpec): string[] {
    const command = spec.health?.command ?? [];
    return this.#faults.reduce((words, fault) => fault.healthCommand?.(words) ?? words, command);
  }

  get #probe(): string {
    return `${this.#directories.work}/probe`;
  }

  get #hostsFile(): string {
    return `${this.#directories.work}/hosts`;
  }

  get #natsConf(): string {
    return `${this.#directories.work}/nats.conf`;
  }

  #start(plan: ContainerPlan): RuncContainer {
    this.#generation += 1;
    return new RuncContainer(plan, this.#directories, this.#generation);
  }

  #planOf(member: Member): ContainerPlan {
    const spec = specOf(this.specs, member);
    const image = readImage(this.#settings.imagesDir, member.service);
    const place = this.#places.get(member.name) ?? this.#network.join(member.name, member.host);
    this.#places.set(member.name, place);
    const given = provision(spec, this.specs, this.keys, `${this.#directories.work}/secrets/${member.name}`);
    const memoryMiB = this.#faults.find((fault) => fault.memoryMiB !== undefined)?.memoryMiB;
    return {
      name: member.name,
      spec,
      address: place.address,
      bundle: {
        rootfs: image.rootfs,
        args: commandLine(spec, image),
        env: { ...image.config?.env, ...given.env, ...this.#extraEnv(member) },
        netns: place.netns,
        hostname: member.name,
        cwd: image.config?.workdir || "/",
        mounts: this.#mounts(spec, given.secretsDirectory),
        ...(memoryMiB !== undefined && { limits: { memoryMiB } }),
      },
    };
  }

  #extraEnv(member: Member): Record<string, string> {
    const own: Record<string, string> =
      member.service === "claude-worker"
        ? {
            WORKER_ID: `worker-${member.instance}`,
            ANTHROPIC_BASE_URL: `http://${HARNESS_ADDRESS}:${this.api.port}`,
          }
        : {};
    return Object.assign(
      own,
      ...this.#faults.map((fault) => fault.env?.(member.service, member.instance) ?? {}),
    );
  }

  #mounts(spec: ServiceSpec, secrets: string): NonNullable<ContainerPlan["bundle"]["mounts"]> {
    const configs = spec.configFiles.map((file) => {
      if (file.source !== "nats-conf") throw new Error(`the checklist cannot make ${file.source}`);
      return { source: this.#natsConf, destination: file.path };
    });
    return [
      { source: this.#hostsFile, destination: "/etc/hosts" },
      { source: this.#probe, destination: PROBE_PATH },
      ...(spec.image ? [] : [{ source: secrets, destination: SECRETS_PATH }]),
      ...configs,
    ];
  }
}
