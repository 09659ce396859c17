// W3C trace context: taken from the request or made, carried to NATS, and shown in the log lines of the request.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

/** What every log line inside a request carries. */
export interface RequestContext {
  readonly trace_id: string;
  /** Value of the traceparent header for the next hop. */
  readonly traceparent: string;
  agent_id?: string;
  task_id?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** A context that goes on with the caller's trace, or begins one when the header is missing or malformed. */
export function contextFrom(header: string | null | undefined): RequestContext {
  const match = TRACEPARENT.exec(header ?? "");
  const traceId = match?.[1] ?? randomBytes(16).toString("hex");
  const flags = match?.[2] ?? "01";
  return { trace_id: traceId, traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-${flags}` };
}

/** Runs `work` inside the context. */
export function withContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of the request at hand, if there is one. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}
