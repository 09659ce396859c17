import { z } from "zod";
import { afterInput, filterFields, toFilter } from "../discoveries/filter.ts";
import { listing } from "../discoveries/listing.ts";
import { tool } from "./tool.ts";

const LIMIT = { default: 20, max: 200 };

export const listDiscoveries = tool({
  name: "list_discoveries",
  title: "List discoveries",
  description:
    "Read what other agents have shared, before you begin and whenever you are stuck. Without `after` you get the newest ones, the newest last; with `after` the ones that came after that sequence, so that you can read on. All filters must match; one that you leave out matches everything.",
  input: z.object({
    ...filterFields,
    after: afterInput.optional().describe("Sequence of the last discovery that you have seen"),
    limit: z.int().min(1).max(LIMIT.max).default(LIMIT.default).describe("Discoveries at most"),
  }),
  output: listing,
  readOnly: true,
  run: async (operations, call, { limit, after, ...filter }) => ({
    ...(await operations.list(call, { filter: toFilter(filter), after }, limit)),
  }),
});
