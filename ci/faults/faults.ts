/**
 * One planted fault for each row of the checklist: a change of how the harness starts the system that must turn
 * exactly that row red. Each is a mistake that a deployment can really contain.
 */
import type { RowId } from "../checklist/rows.ts";

/** What a fault changes. */
export interface Fault {
  what: string;
  /** More environment for a container. */
  env?: (service: string, instance: number) => Record<string, string>;
  /** Other memory limit of every container, MiB. */
  memoryMiB?: number;
  /** Health command that is asked instead of the spec's. */
  healthCommand?: (command: readonly string[]) => string[];
}

/** The fault of each row. `canary` is the Anthropic key of the run. */
export function faultOf(row: RowId, canary: string): Fault {
  return faults(canary)[row];
}

function faults(canary: string): Readonly<Record<RowId, Fault>> {
  return {
    1: {
      what: "the supervisor waits a minute before it restarts an agent",
      env: only("supervisor", { RESTART_BACKOFF_MIN_MS: "60000", RESTART_BACKOFF_MAX_MS: "60000" }),
    },
    2: {
      what: "two workers share one name",
      env: (service, instance) =>
        service === "claude-worker" && instance === 2 ? { WORKER_ID: "worker-1" } : {},
    },
    3: {
      what: "the CLI may not use share_discovery",
      env: only("claude-worker", { CLAUDE_ALLOWED_TOOLS: "mcp__mistersmith__list_discoveries" }),
    },
    4: {
      what: "the health command asks for liveness where readiness is meant",
      healthCommand: (command) => command.filter((word) => word !== "--ready"),
    },
    5: {
      what: "workers may drain for longer than the platform waits",
      env: only("claude-worker", { DRAIN_TIMEOUT_SECONDS: "60" }),
    },
    6: { what: "the containers' memory is not limited as the spec says", memoryMiB: 8192 },
    7: {
      what: "somebody pasted the API key into a worker's name",
      env: (service, instance) =>
        service === "claude-worker" && instance === 3 ? { WORKER_ID: canary } : {},
    },
  };
}

function only(wanted: string, env: Record<string, string>): NonNullable<Fault["env"]> {
  return (service) => (service === wanted ? env : {});
}
