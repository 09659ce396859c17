/**
 * The Messages API stand-in as a program.
 * Run: npx tsx ci/checklist/messages-api/main.ts --port 8765 [--host 127.0.0.1]
 */
import { parseArgs } from "node:util";
import { startMessagesApi } from "./server.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, host: { type: "string", default: "127.0.0.1" } },
});
const api = await startMessagesApi(Number(values.port), values.host);
console.log(JSON.stringify({ msg: "Messages API stand-in listens", host: values.host, port: api.port }));
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => {
    api.close().then(() => process.exit(0));
  });
