/** Pages for whoever runs the tasks: resources, health, logs, environment. */
import { configVariables, defaultOf, ecsEnvironment, secretVariables } from "../../spec/environment.ts";
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { LOG_DELIVERY, liveCommand } from "../ecs/task-container.ts";
import type { TaskPlace } from "../ecs/task-place.ts";
import { emitEnvTable } from "../env-table.ts";
import { emitHealthTable } from "../health-table.ts";
import { markdownTable } from "../markdown-table.ts";
import { emitResourcesTable } from "../resources-table.ts";
import type { HandOffDocument } from "./document.ts";

/** What each service may use. */
export function resourcesPage(system: SystemSpec): HandOffDocument {
  const data = [...system.values()].map((spec) => ({
    service: spec.name,
    container: spec.resources.container,
    fargate: spec.resources.fargate,
    replicas: spec.replicas,
    servers: spec.cluster?.servers,
    scaling: spec.scaling,
    stopTimeoutSeconds: spec.stopTimeoutSeconds,
    writablePaths: spec.writablePaths,
    user: spec.user,
    readOnlyRoot: spec.readOnlyRoot,
  }));
  const notes = [
    "The task is what Fargate sells; the container's memory is a hard limit inside of it. Fargate knows no limit of",
    "processes: the one in the table holds on one machine (compose) and in the tests. A `tmpfs` is an ordinary volume",
    "of the task on Fargate, which ends with it.",
  ];
  const deployed = [...system.values()].map(({ name, repository, cluster, kind, scaling, replicas }) => {
    if (cluster) return [name, `${cluster.servers} servers, a service of one task each`];
    if (repository === undefined) return [name, "not deployed: it is given by its address"];
    if (kind === "task") return [name, "a task for one command"];
    return [name, scaling ? `${scaling.min} to ${scaling.max} tasks` : `${replicas} tasks`];
  });
  const sections = [
    notes.join("\n"),
    emitResourcesTable(system),
    "## On ECS",
    markdownTable(["service", "runs as"], deployed),
  ];
  return page("resources", "Resources", sections, data);
}

/** How health is asked. */
export function healthPage(system: SystemSpec): HandOffDocument {
  const asked = [...system.values()].filter((spec) => spec.health);
  const rows = asked.map((spec) => [
    spec.name,
    codeList(liveCommand(spec.health)),
    spec.health?.livePath ?? "",
  ]);
  const data = asked.map(({ name, health }) => ({ service: name, ...health, ecs: liveCommand(health) }));
  const notes = [
    "Ready says that a service can work now; it depends on its peers. Live says that the program itself works. ECS",
    "replaces a task that is unhealthy, so it asks whether it lives: a database that is away must not end every task",
    "too. A load balancer asks whether it is ready (the path below). NATS has no command; a container beside it asks.",
  ];
  const live = markdownTable(["service", "live: command", "live: path"], rows);
  return page(
    "health",
    "Health",
    [notes.join("\n"), "## Ready", emitHealthTable(system), "## Live, as ECS asks", live],
    data,
  );
}

/** Where each service's log goes. */
export function logsPage(system: SystemSpec): HandOffDocument {
  const specs = [...system.values()].filter(({ repository, cluster }) => repository !== undefined || cluster);
  const data = specs.map(({ name, logs }) => ({
    service: name,
    ...logs,
    streamPrefix: name,
    ...LOG_DELIVERY,
  }));
  const rows = data.map((row) => [
    row.service,
    `\`${row.group}\``,
    `${row.retentionDays} days`,
    row.mode,
    row.buffer,
  ]);
  const notes = [
    "Every line is one JSON object on stdout: `time`, `level`, `service`, `msg`, and where they apply `task_id`,",
    "`job_id`, `agent_id`, `worker_id`, `trace_id`, `code`. With `non-blocking`, a log that cannot be delivered never",
    "stops a service: when the buffer is full, lines are dropped. NATS writes its own format.",
  ];
  const table = markdownTable(["service", "log group", "kept", "mode", "buffer"], rows);
  return page("logs", "Logs", [notes.join("\n"), table], data);
}

/** The environment of one service. */
export function environmentPage(spec: ServiceSpec, system: SystemSpec, place: TaskPlace): HandOffDocument {
  const passed = ecsEnvironment(spec, system, place.hosts, place.deployment);
  const data = spec.env.map((variable) => ({
    ...variable,
    default: defaultOf(variable, spec, system),
    ecs: passed[variable.name],
  }));
  const sources = [
    ...Object.entries(passed).map(([name, value]) => [`\`${name}\``, `\`${value}\``]),
    ...secretVariables(spec).map(({ name, secret }) => [`\`${name}\``, `secret \`${secret}\``]),
    ...configVariables(spec).map(({ name, config }) => [`\`${name}\``, `parameter \`${config}\``]),
  ];
  const table = markdownTable(["variable", "passed on ECS"], sources);
  const sections = [
    "## Passed by the task definition",
    table,
    "## All variables",
    emitEnvTable(spec, system),
  ];
  return page(`environment/${spec.name}`, `Environment of ${spec.name}`, sections, data);
}

function page(name: string, title: string, sections: readonly string[], data: unknown): HandOffDocument {
  return { name, title, text: sections.map((section) => section.trimEnd()).join("\n\n"), data };
}

function codeList(command: readonly string[] | undefined): string {
  return command ? `\`${command.join(" ")}\`` : "";
}
