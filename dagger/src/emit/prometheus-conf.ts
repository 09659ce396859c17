/** `prometheus.yml`: every container of every service of ours, found by the names that compose gives them. */
import { stringify } from "yaml";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

/** Name by which a spec asks for this file. */
export const PROMETHEUS_CONF = "prometheus-conf";

const INTERVAL = "15s";
const METRICS_PORT = "http";

/** Writes the configuration. */
export function emitPrometheusConf(system: SystemSpec): string {
  const jobs = [...system.values()].flatMap((spec) => scrapeJob(spec));
  return `# Generated from the specs.\n${stringify({ global: { scrape_interval: INTERVAL }, scrape_configs: jobs })}`;
}

function scrapeJob(spec: ServiceSpec): object[] {
  const port = spec.ports.find(({ name }) => name === METRICS_PORT);
  if (spec.repository === undefined || spec.kind !== "service" || !port) return [];
  // One name for all replicas: each address is a target, and workers come and go.
  const names = [{ names: [spec.name], type: "A", port: port.port, refresh_interval: INTERVAL }];
  return [{ job_name: spec.name, dns_sd_configs: names }];
}
