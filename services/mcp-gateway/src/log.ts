import { format } from "node:util";
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

/** Libraries write to the console when they are surprised; their lines become lines like all others. */
export function captureConsole(logger: Logger): void {
  const line = (level: "debug" | "warn") => {
    return (...parts: unknown[]) => logger[level]({ source: "library" }, format(...parts));
  };
  Object.assign(console, { log: line("debug"), info: line("debug"), trace: line("debug") });
  Object.assign(console, { warn: line("warn"), error: line("warn") });
}

function fieldsOfRequest(): object {
  const context = currentContext();
  if (context === undefined) return {};
  const { traceparent: _, ...fields } = context;
  return fields;
}
