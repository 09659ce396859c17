/** The database, as the operator reads it. */
import pg from "pg";
import { patient } from "../wait.ts";

/** A connection that only reads. */
export interface Database {
  /** Rows of a query. */
  rows(query: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Connects. */
export async function connectPostgres(host: string, port: number, password: string): Promise<Database> {
  const client = new pg.Client({
    host,
    port,
    password,
    user: "mistersmith",
    database: "mistersmith",
    connectionTimeoutMillis: patient(5000),
    query_timeout: patient(10_000),
  });
  // A row that pauses or stops Postgres must not end the checklist.
  client.on("error", () => undefined);
  await client.connect();
  return {
    rows: async (query, values = []) => (await client.query(query, [...values])).rows,
    close: () => client.end(),
  };
}
