import { z } from "zod";
import { discoveryInput } from "../discoveries/event.ts";
import { tool } from "./tool.ts";

export const shareDiscovery = tool({
  name: "share_discovery",
  title: "Share a discovery",
  description:
    "Tell all other agents at once what you found out while working: a pattern, an anomaly, a connection, a solution, an open question or an insight. Share what would save another agent time; one fact per call. It is stored before this answers, under your own name, and kept for seven days.",
  input: discoveryInput,
  output: z.object({ sequence: z.int().describe("Names the discovery; use it in related_to") }),
  readOnly: false,
  run: async (operations, call, input) => ({ sequence: await operations.share(call, input) }),
});
