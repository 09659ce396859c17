/** The whole system as services inside the graph, behind one that a person can open. */
import { type Container, type Directory, dag, type Secret, type Service } from "@dagger.io/dagger";
import { createDeploymentKeys, type DeploymentKeys } from "../deployment/deployment-keys.ts";
import { configPath, fileVariable, secretPath } from "../emit/deployment-files.ts";
import { emitNatsConf, type NatsPermissions, parseNatsPermissions } from "../emit/nats-conf.ts";
import { configVariables, secretVariables, wiredEnvironment } from "../spec/environment.ts";
import { type ServiceSpec, serviceOf } from "../spec/service-spec.ts";
import { nodeWorkspace } from "./build-node.ts";
import type { Project } from "./project.ts";
import { secretFiles } from "./secret-files.ts";
import { stepScripts } from "./step-script.ts";

const MESSAGES_API = { host: "messages-api", port: 8765 } as const;
const GATEWAY = "mcp-gateway";
const WORKER = "claude-worker";
const API_KEY = "anthropic-api-key";
const STAND_IN_KEY = "stand-in";
const PUBLIC_READ = 0o444;

/** Where the front has how to get in: what it prints, if it is there, and a header for curl. */
export const STACK_ACCESS = { directory: "/access", notice: "notice", header: "authorization" } as const;

/** What a stack is started with. */
export interface StackOptions {
  /** Key of the Messages API; without it a stand-in answers. */
  anthropicApiKey?: Secret;
  /** Number of workers. */
  workers: number;
  /** Sets this stack's secrets apart from another's. */
  nonce: string;
}

/** Reads what each NATS identity may do. */
export async function readPermissions(project: Project): Promise<NatsPermissions> {
  return parseNatsPermissions(await project.source.file("services/contracts/permissions.json").contents());
}

/**
 * Wires the system. Everything starts when the container that is returned runs as a service; it prints how to get in,
 * from the files of STACK_ACCESS.
 */
export async function wireStack(
  project: Project,
  images: ReadonlyMap<string, Container>,
  options: StackOptions,
): Promise<Container> {
  const permissions = await readPermissions(project);
  const keys = createDeploymentKeys(project.system, Object.keys(permissions.roles), STAND_IN_KEY);
  const stack = new Stack(project, keys, permissions, options);
  for (const [name, image] of images) stack.add(name, image);
  return stack.front();
}

class Stack {
  readonly #project: Project;
  readonly #keys: DeploymentKeys;
  readonly #permissions: NatsPermissions;
  readonly #options: StackOptions;
  readonly #images = new Map<string, Container>();
  readonly #services = new Map<string, Service>();

  constructor(project: Project, keys: DeploymentKeys, permissions: NatsPermissions, options: StackOptions) {
    this.#project = project;
    this.#keys = keys;
    this.#permissions = permissions;
    this.#options = options;
  }

  add(name: string, image: Container): void {
    this.#images.set(name, image);
  }

  /** A relay to the gateway that also holds the workers, which nothing else depends on. */
  front(): Container {
    const gateway = serviceOf(this.#project.system, GATEWAY);
    const ports = gateway.ports.filter((port) => port.public).map(({ port }) => port);
    let relay = this.#project
      .base("node")
      .withDirectory("/steps", stepScripts("relay.mjs"))
      .withServiceBinding(GATEWAY, this.#service(gateway));
    for (let index = 1; index <= this.#options.workers; index++)
      relay = relay.withServiceBinding(`${WORKER}-${index}`, this.#worker(index));
    for (const port of ports) relay = relay.withExposedPort(port);
    const { directory, notice } = STACK_ACCESS;
    // Files and no mounted secrets: the engine would blot the token out of what the front prints for a person.
    return relay
      .withDirectory(directory, this.#access(ports))
      .withDefaultArgs(["node", "/steps/relay.mjs", `${directory}/${notice}`, GATEWAY, ...ports.map(String)]);
  }

  #access(ports: readonly number[]): Directory {
    const { notice, header } = STACK_ACCESS;
    const files = [
      { path: notice, content: this.#notice(ports), mode: PUBLIC_READ },
      { path: header, content: `Authorization: Bearer ${this.#keys.operatorToken}`, mode: PUBLIC_READ },
    ];
    return secretFiles(this.#project, files, this.#options.nonce);
  }

  #notice(ports: readonly number[]): string {
    return [
      `The system is up: http://localhost:${ports[0]}`,
      `Token of an operator, valid for a day: ${this.#keys.operatorToken}`,
    ].join("\n");
  }

  #service(spec: ServiceSpec): Service {
    const known = this.#services.get(spec.name);
    if (known) return known;
    const service = this.#start(spec, this.#container(spec));
    this.#services.set(spec.name, service);
    return service;
  }

  #worker(index: number): Service {
    const spec = serviceOf(this.#project.system, WORKER);
    let worker = this.#container(spec).withEnvVariable("WORKER_ID", `worker-${index}`);
    if (!this.#options.anthropicApiKey) {
      const { host, port } = MESSAGES_API;
      worker = worker
        .withServiceBinding(host, messagesApi(this.#project))
        .withEnvVariable("ANTHROPIC_BASE_URL", `http://${host}:${port}`);
    }
    return this.#start(spec, worker);
  }

  #start(spec: ServiceSpec, container: Container): Service {
    // As in a real deployment the program is the first process and gets the signals itself.
    const args = spec.command.length > 0 ? { args: spec.command } : {};
    return container.asService({ useEntrypoint: true, noInit: true, ...args });
  }

  #container(spec: ServiceSpec): Container {
    const owner = `${spec.user}:${spec.user}`;
    let container = this.#image(spec);
    for (const name of spec.dependsOn)
      container = container.withServiceBinding(name, this.#service(serviceOf(this.#project.system, name)));
    for (const [name, value] of Object.entries(wiredEnvironment(spec, this.#project.system)))
      container = container.withEnvVariable(name, value);
    for (const variable of secretVariables(spec)) {
      const path = secretPath(variable.secret);
      const secret = this.#secret(variable.secret);
      container = container
        .withMountedSecret(path, secret, { owner, mode: 0o400 })
        .withEnvVariable(fileVariable(variable), path);
    }
    for (const variable of configVariables(spec)) {
      const path = configPath(variable.config);
      container = container
        .withNewFile(path, this.#keys.config[variable.config] ?? "", { owner })
        .withEnvVariable(fileVariable(variable), path);
    }
    return container;
  }

  #image(spec: ServiceSpec): Container {
    const image = this.#images.get(spec.name);
    if (!image) throw new Error(`the stack was given no image of ${spec.name}`);
    return spec.image === undefined ? image : this.#prepared(spec, image);
  }

  /** A part that we take as it is, with what our own images bring along. */
  #prepared(spec: ServiceSpec, image: Container): Container {
    const owner = `${spec.user}:${spec.user}`;
    let container = image;
    for (const { path } of spec.writablePaths)
      container = container.withDirectory(path, dag.directory(), { owner });
    for (const { path, source } of spec.configFiles)
      container = container.withNewFile(path, this.#configFile(spec, source), { owner });
    for (const { port } of spec.ports) container = container.withExposedPort(port);
    return container.withUser(owner);
  }

  #configFile(spec: ServiceSpec, source: string): string {
    if (source !== "nats-conf") throw new Error(`${spec.name} asks for ${source}, which nobody makes`);
    return emitNatsConf(spec, this.#permissions, this.#keys.natsPublicKeys);
  }

  #secret(name: string): Secret {
    const { anthropicApiKey, nonce } = this.#options;
    if (name === API_KEY && anthropicApiKey) return anthropicApiKey;
    return dag.setSecret(`${name}-${nonce}`, this.#keys.secrets[name] ?? "");
  }
}

/** The Messages API stand-in of the checklist. */
function messagesApi(project: Project): Service {
  const { port } = MESSAGES_API;
  // The workers call it from containers of their own.
  const listen = ["--host", "0.0.0.0", "--port", String(port)];
  return nodeWorkspace(project)
    .withDirectory("/src/ci/checklist/messages-api", project.source.directory("ci/checklist/messages-api"))
    .withExposedPort(port)
    .asService({ args: ["node_modules/.bin/tsx", "ci/checklist/messages-api/main.ts", ...listen] });
}
