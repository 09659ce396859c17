/** The supervisor's `GET /v1/pool`. */
import { z } from "zod";
import type { Container } from "./container.ts";
import { urlOf } from "./topology.ts";
import { patient } from "./wait.ts";

const poolSchema = z.looseObject({
  size: z.number(),
  ready: z.number(),
  agents: z.array(
    z.looseObject({
      agent_id: z.string(),
      state: z.string(),
      restarts: z.number(),
      pid: z.number().nullish(),
      role: z.string().optional(),
      task_id: z.string().nullish(),
    }),
  ),
});

/** The pool. */
export type Pool = z.infer<typeof poolSchema>;

/** Reads it. */
export async function readPool(supervisor: Container): Promise<Pool> {
  const response = await fetch(`${urlOf(supervisor.spec, supervisor.address)}/v1/pool`, {
    signal: AbortSignal.timeout(patient(3000)),
  });
  const body = (await response.json()) as { pool?: unknown };
  return poolSchema.parse(body.pool ?? body);
}
