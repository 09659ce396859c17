// grpc.health.v1: what load balancers and probes ask.
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/grpc/health/v1/health_pb.ts";
import { GatewayService } from "../gen/mistersmith/v1/gateway_pb.ts";
import type { Readiness } from "../readiness.ts";

const WATCH_MS = 250;
const KNOWN = ["", GatewayService.typeName];

/** Registers the service; it says what /health/ready says. */
export function registerGrpcHealth(router: ConnectRouter, readiness: Readiness): void {
  const status = () => (readiness.health.ready ? Status.SERVING : Status.NOT_SERVING);
  router.service(Health, {
    check: ({ service }) => {
      if (!KNOWN.includes(service)) throw new ConnectError(`no service ${service}`, Code.NotFound);
      return { status: status() };
    },
    watch: async function* ({ service }, { signal }) {
      let last: Status | undefined;
      while (!signal.aborted) {
        const now = KNOWN.includes(service) ? status() : Status.SERVICE_UNKNOWN;
        if (now !== last) yield { status: now };
        last = now;
        // The last word of a server that shuts down is NOT_SERVING; then it ends the stream itself.
        if (readiness.draining) return;
        await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  });
}
