/** Hands controllers down once, and says in which group it is after that. Run: tsx FILE GROUP CONTROLLER... */
import { readFileSync } from "node:fs";
import { handDown } from "../checklist/harness/hand-down.ts";

const [group = "", ...controllers] = process.argv.slice(2);
try {
  handDown(group, controllers);
  console.log("handed down");
} catch (error) {
  console.log((error as Error).message);
  process.exitCode = 1;
}
console.log(`now in ${/^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1]}`);
