/** The prices that the estimate is made with: an input, as in ci/aws-prices.json. */
import { z } from "zod";

const amount = z.number().min(0);

const fargateSchema = z.strictObject({
  vcpuHour: amount,
  gibHour: amount,
  spotVcpuHour: amount,
  spotGibHour: amount,
});

const priceTableSchema = z.object({
  asOf: z.iso.date(),
  region: z.string().min(1),
  currency: z.string().min(1),
  prices: z.strictObject({
    /** By the processor that the tasks run on. */
    fargate: z.strictObject({ X86_64: fargateSchema, ARM64: fargateSchema }),
    efsGibMonth: amount,
    efsReadGib: amount,
    efsWriteGib: amount,
    logsIngestedGib: amount,
    logsStoredGibMonth: amount,
    metricMonth: amount,
    secretMonth: amount,
    hostedZoneMonth: amount,
    discoveryInstanceMonth: amount,
    registryGibMonth: amount,
  }),
  assumptions: z.strictObject({
    hoursPerMonth: amount,
    logGibPerTaskMonth: amount,
    storedGibPerServer: amount,
    writtenGibPerServerMonth: amount,
    readGibPerServerMonth: amount,
    keptReleases: amount,
  }),
});

/** Prices, where and when they held, and what is assumed of the use. */
export type PriceTable = z.infer<typeof priceTableSchema>;

/** Reads a price table; a missing price is an error, not a zero. */
export function parsePriceTable(json: string): PriceTable {
  return priceTableSchema.parse(JSON.parse(json));
}
