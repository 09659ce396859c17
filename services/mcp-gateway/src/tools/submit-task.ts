import { z } from "zod";
import { taskInput } from "../tasks.ts";
import { tool } from "./tool.ts";

export const submitTask = tool({
  name: "submit_task",
  title: "Submit a task",
  description:
    "Hand a task to the pool of agents. It waits in a queue until an agent is free; this answers with its id as soon as it is stored. Ask get_task for its state and result.",
  input: taskInput,
  output: z.object({ task_id: z.string().describe("Id for get_task") }),
  readOnly: false,
  run: async (operations, call, input) => ({ task_id: await operations.submit(call, input) }),
});
