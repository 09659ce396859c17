import { z } from "zod";
import { taskState } from "../tasks.ts";
import { tool } from "./tool.ts";

export const getTask = tool({
  name: "get_task",
  title: "Look at a task",
  description:
    "Show where a task is: its state, who works on it, and once `done` is true its result or error and what it cost. A task usually takes seconds to minutes; ask again later while it is not done.",
  input: z.object({ task_id: z.string().describe("Id that submit_task answered with") }),
  output: taskState,
  readOnly: true,
  run: (operations, call, { task_id }) => operations.task(call, task_id),
});
