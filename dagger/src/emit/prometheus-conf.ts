/** `prometheus.yml`: every container behind the ports that its spec reaches, found by the names that compose gives. */
import { stringify } from "yaml";
import { type Connection, connectionsOf } from "../spec/connections.ts";
import type { SystemSpec } from "../spec/service-spec.ts";

/** Name by which a spec asks for this file. */
export const PROMETHEUS_CONF = "prometheus-conf";

const INTERVAL = "15s";

/** Writes the configuration. */
export function emitPrometheusConf(system: SystemSpec): string {
  const readers = [...system.values()].filter(({ configFiles }) =>
    configFiles.some(({ source }) => source === PROMETHEUS_CONF),
  );
  const names = readers.map(({ name }) => name);
  const jobs = connectionsOf(system)
    .filter(({ from }) => names.includes(from))
    .map(scrapeJob);
  return `# Generated from the specs.\n${stringify({ global: { scrape_interval: INTERVAL }, scrape_configs: jobs })}`;
}

function scrapeJob({ to, port }: Connection): object {
  // One name for all replicas: each address is a target, and workers come and go.
  const names = [{ names: [to], type: "A", port: port.port, refresh_interval: INTERVAL }];
  return { job_name: to, dns_sd_configs: names };
}
