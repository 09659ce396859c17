// Messages of NATS that are not valid: counted and told, and the next one is read.
import { describe } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Told about every message that is not valid. */
export type ReportInvalid = (stream: string, subject: string) => void;

/** Counts it by its stream and logs it with its code. */
export function invalidReporter(metrics: Metrics, logger: Logger): ReportInvalid {
  return (stream, subject) => {
    metrics.invalid.inc({ stream });
    logger.warn({ code: "MS-NATS-002" }, describe("MS-NATS-002", `${stream} ${subject}`));
  };
}
