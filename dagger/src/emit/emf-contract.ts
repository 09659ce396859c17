/** The CloudWatch metrics that the supervisor writes, as in services/contracts/emf.json. */
import { z } from "zod";

const text = z.string().min(1);

const emfSchema = z
  .object({
    namespace: text,
    dimensions: z.array(text).min(1),
    metrics: z.array(z.object({ name: text, unit: text })).min(1),
    scaling: text,
  })
  .refine(({ metrics, scaling }) => metrics.some(({ name }) => name === scaling), "scaling names no metric");

/** What whoever reads the metric has to know. */
export interface EmfContract {
  namespace: string;
  dimensions: readonly string[];
  /** Names of the metrics; each costs money. */
  metrics: readonly string[];
  /** The metric that the number of workers follows. */
  scaling: string;
}

/** Reads the contract. */
export function parseEmf(json: string): EmfContract {
  const { metrics, ...rest } = emfSchema.parse(JSON.parse(json));
  return { ...rest, metrics: metrics.map(({ name }) => name) };
}
