/** Pages for whoever owns the account: network, rights, money. */

import type { Platform } from "../../spec/platform.ts";
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import {
  executionStatements,
  type IamPlace,
  policyDocument,
  type Statement,
  taskStatements,
} from "../ecs/iam-policy.ts";
import { nodeNames } from "../ecs/task-place.ts";
import type { EmfContract } from "../emf-contract.ts";
import { markdownTable } from "../markdown-table.ts";
import type { NatsPermissions } from "../nats-conf.ts";
import { networkFlows } from "../network-flows.ts";
import { costEstimate } from "./cost-estimate.ts";
import type { HandOffDocument } from "./document.ts";
import type { PriceTable } from "./price-table.ts";

/** Who talks to whom. */
export function networkPage(system: SystemSpec): HandOffDocument {
  const flows = networkFlows(system);
  const rows = flows.map(({ from, to, port, protocol, why }) => [from, to, String(port), protocol, why]);
  const notes = [
    "`from` opens the connection. Nothing else is allowed: the security groups of the template are made from this",
    "table. `AWS` stands for the APIs that ECS itself calls for the task. Health and metrics ports are asked inside of",
    "the task; whoever scrapes metrics from outside needs a rule of his own.",
  ];
  const table = markdownTable(["from", "to", "port", "protocol", "why"], rows);
  return { name: "network", title: "Network", text: `${notes.join("\n")}\n\n${table}`, data: flows };
}

/** Name of a role and what it may do. */
export interface RoleRights {
  role: string;
  statements: Statement[];
}

/** Rights of every role. */
export function roleRights(system: SystemSpec, permissions: NatsPermissions, place: IamPlace): RoleRights[] {
  const specs = [...system.values()].filter(({ repository, cluster }) => repository !== undefined || cluster);
  return specs.flatMap((spec) => [
    { role: `${spec.name}-execution`, statements: executionStatements(spec, system, permissions, place) },
    ...taskNames(spec).map((task) => ({
      role: `${task}-task`,
      statements: taskStatements(spec, task, place),
    })),
  ]);
}

/** What each role may do. */
export function iamPage(rights: readonly RoleRights[]): HandOffDocument {
  const rows = rights.flatMap(({ role, statements }) => {
    if (statements.length === 0) return [[role, "nothing", ""]];
    return statements.map(({ Action, Resource }) => [
      role,
      Action.join(", "),
      [Resource].flat().map(String).join(", "),
    ]);
  });
  const notes = [
    "ECS takes the execution role to start a task, the programs of the task have the task role. `*` stands alone at",
    "`ecr:GetAuthorizationToken` only, for which AWS knows no resource. `??????` are the six characters that Secrets",
    "Manager adds to a name; the template names each secret exactly. `alias/aws/secretsmanager` stands for the key of the",
    "secrets; put the key's own ARN there when it is yours. `iam/` holds every policy as a file.",
  ];
  const table = markdownTable(["role", "actions", "resources"], rows);
  const data = rights.map(({ role, statements }) => ({ role, policy: policyDocument(statements) }));
  return { name: "iam", title: "Roles", text: `${notes.join("\n")}\n\n${table}`, data };
}

/** What the costs depend on beside the specs. */
export interface CostInput {
  prices: PriceTable;
  /** What the tasks run on. */
  platform: Platform;
  emf: EmfContract;
}

/** What it costs. */
export function costsPage(system: SystemSpec, input: CostInput): HandOffDocument {
  const { prices, platform, emf } = input;
  const estimate = costEstimate(system, prices, platform, emf.metrics.length);
  const { asOf, region, currency, cpuArchitecture, lines, total, without } = estimate;
  const rows = lines.map(({ item, amount, unit, unitPrice, cost }) => [
    item,
    `${amount.usual} / ${amount.busy} ${unit}`,
    String(unitPrice),
    cost.usual.toFixed(2),
    cost.busy.toFixed(2),
  ]);
  const sum = ["**total**", "", "", `**${total.usual.toFixed(2)}**`, `**${total.busy.toFixed(2)}**`];
  const head = ["item", "amount: usual / busy", `${currency} each`, `${currency} usual`, `${currency} busy`];
  const notes = [
    `Prices of ${region} as of ${asOf}, for tasks on ${cpuArchitecture}, from \`ci/aws-prices.json\`: an input that a person`,
    "typed in, not a quote. Usual is the number of replicas in the specs for a whole month, busy the upper bound of scaling for a whole month.",
    `Not in it: ${without.join("; ")}.`,
  ];
  const text = `${notes.join("\n")}\n\n${markdownTable(head, [...rows, sum])}`;
  return {
    name: "costs",
    title: "Cost per month",
    text,
    data: { ...estimate, assumptions: prices.assumptions },
  };
}

function taskNames(spec: ServiceSpec): string[] {
  return spec.cluster ? nodeNames(spec.name, spec.cluster.servers) : [spec.name];
}
