/** The system under test as Docker Compose runs it from the emitted file. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { portVariable } from "../../../../dagger/src/emit/compose-settings.ts";
import { parseNatsPermissions } from "../../../../dagger/src/emit/nats-conf.ts";
import {
  portOf,
  type ServiceSpec,
  type SystemSpec,
  serviceOf,
} from "../../../../dagger/src/spec/service-spec.ts";
import { readObservedSystem, readSystem } from "../../../shared/read-system.ts";
import { type MessagesApi, startMessagesApi } from "../../messages-api/server.ts";
import { type CommandResult, runAsync } from "../command.ts";
import { lastWords } from "../container.ts";
import { checkReady } from "../health.ts";
import { createKeys, type Keys } from "../keys.ts";
import { createProbe } from "../probe.ts";
import type { ComposeSettings, Settings } from "../settings.ts";
import type { ExtraOptions, System } from "../system.ts";
import { type Member, membersOf, specOf } from "../topology.ts";
import { NoUse, until } from "../wait.ts";
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
  readonly readyMs = new Map<string, number>();
  readonly docker = new DockerApi();
  /** Name of the project. */
  readonly project: string;
  readonly #compose: ComposeSettings;
  readonly #outDir: string;
  readonly #directory: string;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #containers = new Map<string, ComposeContainer>();

  private constructor(
    settings: Settings,
    compose: ComposeSettings,
    specs: SystemSpec,
    keys: Keys,
    api: MessagesApi,
    ports: Readonly<Record<string, number>>,
  ) {
    this.#compose = compose;
    this.#outDir = settings.outDir;
    this.#directory = `${settings.workDir}/stack`;
    this.#ports = ports;
    this.project = compose.project;
    this.specs = specs;
    this.keys = keys;
    this.api = api;
    this.members = membersOf(specs);
  }

  /** Makes keys and files; `ensureServices` starts the containers. */
  static async start(settings: Settings, compose: ComposeSettings): Promise<ComposeSystem> {
    const specs = readSystem(settings.root);
    const text = readFileSync(`${settings.root}/services/contracts/permissions.json`, "utf8");
    const permissions = parseNatsPermissions(text);
    const keys = await createKeys(Object.keys(permissions.roles));
    const api = await startMessagesApi(0, "0.0.0.0");
    const system = new ComposeSystem(settings, compose, specs, keys, api, await freePorts(specs));
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
    await this.#waitReady(container);
    this.#noteReady(member, Date.now() - (await container.started()));
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
    await this.#waitReady(container);
  }

  async #waitReady(container: ComposeContainer): Promise<void> {
    await until(`${container.name} is ready`, READY_MS, async () => {
      if (container.exit)
        throw new NoUse(`it ended with ${container.exit.code}: ${await lastWords(container)}`);
      return checkReady(container);
    });
  }

  /** For the report: the slowest replica of each service. */
  #noteReady(member: Member, milliseconds: number): void {
    this.readyMs.set(member.name, milliseconds);
    const slowest: Record<string, number> = {};
    for (const { name, service } of this.members)
      slowest[service] = Math.max(slowest[service] ?? 0, Math.round(this.readyMs.get(name) ?? 0));
    writeFileSync(`${this.#outDir}/ready.json`, JSON.stringify(slowest));
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
