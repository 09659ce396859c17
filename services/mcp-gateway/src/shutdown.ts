// The first SIGTERM drains; the second one, or the deadline, cuts what is left. Either way the process ends by itself.
import type { GatewayCode } from "./errors.ts";
import type { Logger } from "./log.ts";

/** Part of the drain time that is kept for cutting what is left and for NATS. */
const RESERVE_MS = 1_000;
/** Time for streams to be told of a fault that ends the process. */
const FAULT_MS = 1_000;
/** Exit code of a process that could not even be cut short in time. */
const EXIT_STUCK = 70;

/** What is closed: in order by `close`, at once by `terminate`. */
export interface Closable {
  close(code?: GatewayCode): Promise<void>;
  terminate(): void;
}

/**
 * Calls `close` on the first SIGTERM or SIGINT, and ends the process afterwards. Listens before everything has
 * started, because process 1 ignores a signal that nobody listens to.
 */
export function closeOnSignal(closable: Promise<Closable>, drainTimeoutMs: number, logger: Logger): void {
  let draining = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (draining) {
      logger.warn({ signal }, "second signal: what is left is cut");
      return void closable.then((part) => part.terminate());
    }
    draining = true;
    logger.info({ signal, deadline_ms: drainTimeoutMs }, "draining");
    void drain(closable, drainTimeoutMs, logger);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

/**
 * Ends the process with 1 when a fault was caught by nobody, for its state is not to be trusted any more; before that
 * every stream is told MS-GW-014, so that its client resumes elsewhere.
 */
export function endOnFault(closable: Promise<Closable>, logger: Logger): void {
  let ending = false;
  process.on("uncaughtException", (error) => {
    logger.fatal({ code: "MS-GW-014", reason: error.stack }, "unexpected fault: ending");
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), FAULT_MS);
    closable
      .then((part) => part.close("MS-GW-014"))
      .then(
        () => process.exit(1),
        () => process.exit(1),
      );
  });
}

async function drain(closable: Promise<Closable>, drainTimeoutMs: number, logger: Logger): Promise<void> {
  // Both timers are armed before anything can hang.
  setTimeout(
    () => {
      logger.warn("drain takes too long: what is left is cut");
      void closable.then((part) => part.terminate());
    },
    Math.max(drainTimeoutMs - RESERVE_MS, drainTimeoutMs / 2),
  );
  setTimeout(() => process.exit(EXIT_STUCK), drainTimeoutMs);
  try {
    await (await closable).close();
    logger.info("drained");
  } catch (error) {
    logger.error({ code: "MS-GW-014", reason: String(error) }, "drain failed");
  }
  process.exit(0);
}
