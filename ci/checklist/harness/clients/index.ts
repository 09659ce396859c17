/** Clients of the running system. */
import { portOf, serviceOf } from "../../../../dagger/src/spec/service-spec.ts";
import type { System } from "../system.ts";
import { NatsClient } from "./nats.ts";
import { connectPostgres, type Database } from "./postgres.ts";

/** The operator's connection to NATS. */
export function connectOperator(system: System): Promise<NatsClient> {
  return connectRole(system, "operator");
}

/** A connection to NATS under any role. */
export function connectRole(system: System, role: string): Promise<NatsClient> {
  const port = portOf(serviceOf(system.specs, "nats"), "client").port;
  const address = system.container("nats").address;
  return NatsClient.connect(`nats://${address}:${port}`, role, system.keys.nats[role]?.seed ?? "");
}

/** The database. */
export function databaseOf(system: System): Promise<Database> {
  const port = portOf(serviceOf(system.specs, "postgres"), "sql").port;
  return connectPostgres(system.container("postgres").address, port, system.keys.postgresPassword);
}

/** Address of the gateway's HTTP or gRPC port. */
export function gatewayUrl(system: System, port: "http" | "grpc" = "http"): string {
  return system.publicUrl("mcp-gateway", port);
}
