/** The system under test as Docker Compose runs it from the emitted file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { portVariable } from "../../../../dagger/src/emit/compose-settings.ts";
import {
  portOf,
  type ServiceSpec,
  type SystemSpec,
  serviceOf,
} from "../../../../dagger/src/spec/service-spec.ts";
import { readObservedSystem } from "../../../shared/read-system.ts";
import type { MessagesApi } from "../../messages-api/server.ts";
import { type CommandResult, runAsync } from "../command.ts";
import { waitUntilReady } from "../health.ts";
import type { Keys } from "../keys.ts";
import { type PreparedRun, prepareRun } from "../prepare-run.ts";
import { createProbe } from "../probe.ts";
import { ReadyTimes } from "../ready-times.ts";
import type { ComposeSettings, Settings } from "../settings.ts";
import type { ExtraOptions, System } from "../system.ts";
import { type Member, membersOf, specOf } from "../topology.ts";
import { until } from "../wait.ts";
import { ComposeContainer } from "./container.ts";
import { DockerApi } from "./docker-api.ts";
import { CHECKLIST_FILE, checklistFile, writeComposeFiles } from "./files.ts";

/** Health-gated order costs an interval of the health check for each step of it. */
const UP_MS = 180_000;
const READY_MS = 60_000;

/** A running project. */
export class ComposeSystem implements System {
  readonly specs: SystemSpec;
  readonly keys: Keys;
  readonly members: readonly Member[];
  readonly api: MessagesApi;
  readonly #ready: ReadyTimes;
  readonly docker = new DockerApi();
  /** Name of the project. */
  readonly project: string;
  readonly #compose: ComposeSettings;
  readonly #directory: string;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #containers = new Map<string, ComposeContainer>();

  private constructor(
    settings: Settings,
    compose: ComposeSettings,
    { specs, keys, api }: PreparedRun,
    ports: Readonly<Record<string, number>>,
  ) {
    this.#compose = compose;
    this.#directory = `${settings.workDir}/stack`;
    this.#ports = ports;
    this.project = compose.project;
    this.specs = specs;
    this.keys = keys;
    this.api = api;
    this.members = membersOf(specs);
    this.#ready = new ReadyTimes(this.members, settings.outDir);
  }

  /** Makes keys and files; `ensureServices` starts the containers. */
  static async start(settings: Settings, compose: ComposeSettings): Promise<ComposeSystem> {
    const prepared = await prepareRun(settings);
    const { specs, permissions, keys, api } = prepared;
    const system = new ComposeSystem(settings, compose, prepared, await freePorts(specs));
    const probe = `${settings.workDir}/probe`;
    mkdirSync(settings.outDir, { recursive: true });
    createProbe(probe);
    const observed = readObservedSystem(settings.root);
    writeComposeFiles(system.#directory, specs, observed, permissions, keys, compose.images);
    writeFileSync(`${system.#directory}/${CHECKLIST_FILE}`, checklistFile(specs, probe, api.port));
    return system;
  }

  /** Runs compose on the emitted file and the checklist's own. */
  compose(args: readonly string[], timeoutMs = UP_MS): Promise<CommandResult> {
    const [program = "", ...words] = this.#compose.command;
    const files = ["docker-compose.yml", CHECKLIST_FILE].flatMap((name) => [
      "--file",
      `${this.#directory}/${name}`,
    ]);
    const ports = Object.entries(this.#ports).map(([name, port]) => `${name}=${port}`);
    const all = [...ports, program, ...words, "--project-name", this.project, ...files, ...args];
    return runAsync("env", all, timeoutMs);
  }

  get readyMs(): ReadonlyMap<string, number> {
    return this.#ready.byMember;
  }

  container(name: string): ComposeContainer {
    const container = this.#containers.get(name);
    if (!container) throw new Error(`no container ${name}`);
    return container;
  }

  containersOf(service: string): ComposeContainer[] {
    return this.members
      .filter((member) => member.service === service)
      .map(({ name }) => this.container(name));
  }

  containerAt(address: string): ComposeContainer | undefined {
    return this.members
      .map(({ name }) => this.#containers.get(name))
      .find((container) => container?.hasAddress(address));
  }

  async ensureServices(services: readonly string[]): Promise<void> {
    const members = this.members.filter((member) => services.includes(member.service));
    // Compose starts what others depend on unasked, so that the first time is the only one to see all of them start.
    if (this.#containers.size === 0) await this.#up();
    await Promise.all(members.map((member) => this.#revive(member)));
  }

  /** Looks at a member anew: the daemon or a test may have started it again. */
  async refresh(member: Member): Promise<ComposeContainer | undefined> {
    const found = await ComposeContainer.find(
      this.docker,
      `${this.project}-${member.service}-${member.instance}`,
      member.name,
      specOf(this.specs, member),
    );
    if (found) this.#containers.set(member.name, found);
    return found;
  }

  async startExtra(name: string, service: string, options: ExtraOptions = {}): Promise<ComposeContainer> {
    const variables = Object.entries(options.env ?? {}).flatMap(([key, value]) => [
      "--env",
      `${key}=${value}`,
    ]);
    const run = ["run", "--detach", "--no-deps", "--name", `${this.project}-${name}`, ...variables];
    const { code, stderr } = await this.compose([...run, service, ...(options.args ?? [])]);
    if (code !== 0) throw new Error(`compose run ${service} ended with ${code}: ${stderr}`);
    const spec = serviceOf(this.specs, service);
    const extra = await ComposeContainer.find(this.docker, `${this.project}-${name}`, name, spec);
    if (!extra) throw new Error(`compose left no container ${name}`);
    return extra;
  }

  healthCommand(spec: ServiceSpec): string[] {
    return spec.health?.command ?? [];
  }

  publicUrl(service: string, port: string): string {
    const spec = serviceOf(this.specs, service);
    return `http://127.0.0.1:${this.#ports[portVariable(spec, portOf(spec, port))]}`;
  }

  /** Image reference of a service. */
  imageOf(service: string): string {
    return this.#compose.images[service] ?? "";
  }

  /** After `down` there is nothing to look at; what comes next is made anew. */
  forget(): void {
    this.#containers.clear();
  }

  imageBytes(service: string): Promise<number> {
    return this.docker.imageBytes(this.imageOf(service));
  }

  async outputs(): Promise<{ where: string; text: string }[]> {
    const containers = await this.docker.list(this.project);
    const streams = ["stdout", "stderr"] as const;
    return Promise.all(
      containers.flatMap(({ Id, Names }) =>
        streams.map(async (stream) => ({
          where: `${Names[0] ?? Id} ${stream}`,
          text: await this.docker.logs(Id, stream),
        })),
      ),
    );
  }

  async #up(): Promise<void> {
    const up = this.compose(["up", "--detach", "--no-recreate"]);
    const ended = up.then(({ code, stderr }) => {
      if (code !== 0) throw new Error(`compose up ended with ${code}: ${stderr.slice(-2000)}`);
    });
    await Promise.all([ended, ...this.members.map((member) => this.#firstReady(member, ended))]);
  }

  async #firstReady(member: Member, up: Promise<void>): Promise<void> {
    let failed = false;
    up.catch(() => {
      failed = true;
    });
    const container = await until(`${member.name} runs`, UP_MS, async () => {
      if (failed) await up;
      const state = await this.docker.inspect(`${this.project}-${member.service}-${member.instance}`);
      return state?.State.Running === true && this.refresh(member);
    });
    await waitUntilReady(container, READY_MS);
    this.#ready.note(member, Date.now() - (await container.started()));
  }

  async #revive(member: Member): Promise<void> {
    let container = this.container(member.name);
    if (container.exit) {
      const { State } = (await this.docker.inspect(container.id)) ?? {};
      if (!State?.Running) await this.docker.act(container.id, "start");
      const again = await this.refresh(member);
      if (!again) throw new Error(`${member.name} is gone`);
      container = again;
    }
    await waitUntilReady(container, READY_MS);
  }
}

async function freePorts(specs: SystemSpec): Promise<Record<string, number>> {
  const variables = [...specs.values()].flatMap((spec) =>
    spec.ports.filter((port) => port.public).map((port) => portVariable(spec, port)),
  );
  return Object.fromEntries(
    await Promise.all(variables.map(async (name) => [name, await freePort()] as const)),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
