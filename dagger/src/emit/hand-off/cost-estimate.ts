/** What the system costs per month on ECS, line by line, from a price table. */
import { secretVariables } from "../../spec/environment.ts";
import type { Platform } from "../../spec/platform.ts";
import type { FargateSize, ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import type { PriceTable } from "./price-table.ts";

/** How much of something is used, in an ordinary month and in one that is busy all the time. */
interface Amount {
  usual: number;
  busy: number;
}

/** One line of the estimate. */
export interface CostLine {
  item: string;
  unit: string;
  unitPrice: number;
  amount: Amount;
  cost: Amount;
}

/** The whole estimate. */
export interface CostEstimate {
  asOf: string;
  region: string;
  currency: string;
  /** Processor that the tasks run on, as ECS calls it. */
  cpuArchitecture: Platform["ecs"];
  lines: CostLine[];
  total: Amount;
  /** What is not in it. */
  without: string[];
}

const MIB_PER_GIB = 1024;
const CPU_UNITS = 1024;
const BYTES_PER_GIB = 1024 ** 3;
const DAYS_PER_MONTH = 30;
const WITHOUT = [
  "the database",
  "NAT gateways, endpoints and load balancers",
  "traffic out of the region",
  "backups of the file system",
  "the Messages API, which every job reports by itself",
];

/**
 * Estimates.
 *
 * @param platform what the tasks run on: AWS asks less for the one processor than for the other
 * @param metrics number of metrics that the system writes
 */
export function costEstimate(
  system: SystemSpec,
  table: PriceTable,
  platform: Platform,
  metrics: number,
): CostEstimate {
  const specs = [...system.values()].filter(onEcs);
  const running = specs.filter(({ kind }) => kind === "service");
  const lines = [
    ...running.flatMap((spec) => fargateLines(spec, table, platform)),
    ...specs.filter(({ cluster }) => cluster).flatMap((spec) => storageLines(spec, table)),
    ...logLines(running, table),
    line("metrics of the queue", "metrics", table.prices.metricMonth, same(metrics)),
    ...fixedLines(specs, table),
  ];
  const sum = (key: keyof Amount) => round(lines.reduce((total, { cost }) => total + cost[key], 0));
  const { asOf, region, currency } = table;
  return {
    asOf,
    region,
    currency,
    cpuArchitecture: platform.ecs,
    lines,
    total: { usual: sum("usual"), busy: sum("busy") },
    without: WITHOUT,
  };
}

function onEcs({ repository, cluster }: ServiceSpec): boolean {
  return repository !== undefined || cluster !== undefined;
}

/** Number of tasks of a service. */
function tasks({ cluster, scaling, replicas }: ServiceSpec): Amount {
  const usual = cluster?.servers ?? replicas;
  return { usual, busy: scaling?.max ?? usual };
}

function fargateLines(
  spec: ServiceSpec,
  { prices, assumptions }: PriceTable,
  platform: Platform,
): CostLine[] {
  const { vcpuHour, gibHour, spotVcpuHour, spotGibHour } = prices.fargate[platform.ecs];
  const { name, scaling, resources } = spec;
  const hour = (vcpu: number, gib: number) => pricePerHour(resources.fargate, vcpu, gib);
  const onDemand = hour(vcpuHour, gibHour);
  const count = tasks(spec);
  const hours = ({ usual, busy }: Amount) => ({
    usual: usual * assumptions.hoursPerMonth,
    busy: busy * assumptions.hoursPerMonth,
  });
  if (!scaling?.spot) return [line(`${name} (Fargate)`, "task hours", onDemand, hours(count))];
  const { min } = scaling;
  const above = { usual: Math.max(count.usual - min, 0), busy: Math.max(count.busy - min, 0) };
  const spot = hour(spotVcpuHour, spotGibHour);
  return [
    line(`${name} (Fargate)`, "task hours", onDemand, hours({ usual: min, busy: min })),
    line(`${name} (Fargate Spot)`, "task hours", spot, hours(above)),
  ];
}

function pricePerHour({ cpu, memoryMiB }: FargateSize, vcpu: number, gib: number): number {
  return (cpu / CPU_UNITS) * vcpu + (memoryMiB / MIB_PER_GIB) * gib;
}

function storageLines(spec: ServiceSpec, { prices, assumptions }: PriceTable): CostLine[] {
  const servers = spec.cluster?.servers ?? 0;
  const each = (gib: number) => same(servers * gib);
  return [
    line(`${spec.name} storage`, "GiB", prices.efsGibMonth, each(assumptions.storedGibPerServer)),
    line(`${spec.name} writes`, "GiB", prices.efsWriteGib, each(assumptions.writtenGibPerServerMonth)),
    line(`${spec.name} reads`, "GiB", prices.efsReadGib, each(assumptions.readGibPerServerMonth)),
  ];
}

function logLines(specs: readonly ServiceSpec[], { prices, assumptions }: PriceTable): CostLine[] {
  const per = assumptions.logGibPerTaskMonth;
  const total = (weight: (spec: ServiceSpec) => number): Amount => ({
    usual: specs.reduce((sum, spec) => sum + tasks(spec).usual * per * weight(spec), 0),
    busy: specs.reduce((sum, spec) => sum + tasks(spec).busy * per * weight(spec), 0),
  });
  const months = ({ logs }: ServiceSpec) => logs.retentionDays / DAYS_PER_MONTH;
  return [
    line(
      "logs taken in",
      "GiB",
      prices.logsIngestedGib,
      total(() => 1),
    ),
    line("logs kept", "GiB", prices.logsStoredGibMonth, total(months)),
  ];
}

function fixedLines(specs: readonly ServiceSpec[], { prices, assumptions }: PriceTable): CostLine[] {
  const secrets = new Set(specs.flatMap((spec) => secretVariables(spec).map(({ secret }) => secret)));
  const named = (key: keyof Amount) => specs.reduce((sum, spec) => sum + tasks(spec)[key], 0);
  const bytes = specs.reduce((sum, { budgets }) => sum + (budgets?.imageBytes.goal ?? 0), 0);
  return [
    line("secrets", "secrets", prices.secretMonth, same(secrets.size)),
    line("private DNS zone", "zones", prices.hostedZoneMonth, same(1)),
    line("names of tasks", "tasks", prices.discoveryInstanceMonth, {
      usual: named("usual"),
      busy: named("busy"),
    }),
    line("images", "GiB", prices.registryGibMonth, same((bytes / BYTES_PER_GIB) * assumptions.keptReleases)),
  ];
}

function line(item: string, unit: string, unitPrice: number, amount: Amount): CostLine {
  return {
    item,
    unit,
    unitPrice: Number(unitPrice.toFixed(6)),
    amount: { usual: round(amount.usual), busy: round(amount.busy) },
    cost: { usual: round(amount.usual * unitPrice), busy: round(amount.busy * unitPrice) },
  };
}

function same(amount: number): Amount {
  return { usual: amount, busy: amount };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
