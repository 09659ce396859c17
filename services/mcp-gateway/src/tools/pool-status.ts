import { poolStatus } from "../pool.ts";
import { nothing, tool } from "./tool.ts";

export const showPool = tool({
  name: "pool_status",
  title: "Look at the pool",
  description:
    "Show the pool of agents: how many there should be, how many are ready, and each agent's role, state and task. Useful to see whether a task that you submit will be taken soon.",
  input: nothing,
  output: poolStatus,
  readOnly: true,
  run: (operations, call) => operations.poolStatus(call),
});
