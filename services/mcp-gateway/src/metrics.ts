import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The numbers of one gateway; nothing is global, so that tests can run several in one process. */
export type Metrics = ReturnType<typeof createMetrics>;

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the registry and every metric of the gateway. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: "mcp_gateway_requests_total",
      help: "Requests answered, by transport, route and code (ok or an error code)",
      labelNames: ["transport", "route", "code"] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: "mcp_gateway_request_seconds",
      help: "Time to answer a request, s; streams are not counted",
      labelNames: ["transport", "route"] as const,
      buckets: SECONDS,
      registers,
    }),
    connections: new Gauge({
      name: "mcp_gateway_connections",
      help: "Open connections, by port",
      labelNames: ["port"] as const,
      registers,
    }),
    subscribers: new Gauge({
      name: "mcp_gateway_subscribers",
      help: "Open subscriptions, by transport",
      labelNames: ["transport"] as const,
      registers,
    }),
    delivered: new Counter({
      name: "mcp_gateway_events_delivered_total",
      help: "Discoveries handed to subscribers, by transport",
      labelNames: ["transport"] as const,
      registers,
    }),
    received: new Counter({
      name: "mcp_gateway_events_received_total",
      help: "Discoveries read from the stream by this process",
      registers,
    }),
    closedSlow: new Counter({
      name: "mcp_gateway_subscribers_closed_slow_total",
      help: "Subscribers closed because they were too slow",
      registers,
    }),
    invalid: new Counter({
      name: "mcp_gateway_invalid_messages_total",
      help: "Stored messages that are not valid and were left out",
      labelNames: ["stream"] as const,
      registers,
    }),
    queueMessages: new Gauge({
      name: "mcp_gateway_queue_messages",
      help: "Messages in a work queue, by stream; read every ten seconds",
      labelNames: ["stream"] as const,
      registers,
    }),
    queueFill: new Gauge({
      name: "mcp_gateway_queue_fill_ratio",
      help: "How full a work queue is, 0 to 1, by stream; at 1 tasks are refused with MS-GW-023",
      labelNames: ["stream"] as const,
      registers,
    }),
    natsConnected: new Gauge({
      name: "mcp_gateway_nats_connected",
      help: "1 while NATS is connected",
      registers,
    }),
    ready: new Gauge({ name: "mcp_gateway_ready", help: "1 while /health/ready answers 200", registers }),
  };
}
