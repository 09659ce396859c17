import { getTask } from "./get-task.ts";
import { listDiscoveries } from "./list-discoveries.ts";
import { showPool } from "./pool-status.ts";
import { shareDiscovery } from "./share-discovery.ts";
import { submitTask } from "./submit-task.ts";
import type { Tool } from "./tool.ts";

/** Every MCP tool. */
export const tools: readonly Tool[] = [shareDiscovery, listDiscoveries, submitTask, getTask, showPool];
