import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import { serviceSpec } from "./assets.ts";
import { currentContext } from "./trace.ts";

export type { Logger };

/** JSON lines on stdout: time, level, service, msg, and trace_id, agent_id, task_id of the request at hand. */
export function createLogger(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: { service: serviceSpec.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: fieldsOfRequest,
    },
    destination,
  );
}

function fieldsOfRequest(): object {
  const context = currentContext();
  if (context === undefined) return {};
  const { traceparent: _, ...fields } = context;
  return fields;
}
