/** The CloudWatch metrics that the supervisor writes, as in services/contracts/emf.json. */
import { z } from "zod";

const text = z.string().min(1);

const emfSchema = z.object({
  namespace: text,
  dimensions: z.array(text).min(1),
  metrics: z.array(z.object({ name: text, unit: text })).length(1),
});

/** What whoever reads the metric has to know. */
export interface EmfContract {
  namespace: string;
  dimensions: readonly string[];
  /** Name of the one metric. */
  metric: string;
}

/** Reads the contract. */
export function parseEmf(json: string): EmfContract {
  const { namespace, dimensions, metrics } = emfSchema.parse(JSON.parse(json));
  return { namespace, dimensions, metric: metrics[0]?.name ?? "" };
}
