/** One run of a virtual machine, from its start until it turns itself off. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { CheckError } from "../../shared/check-error.ts";
import { type Machine, qemuOptions } from "./qemu-options.ts";

const SHOWN_LINES = 20;
/** Others use the host too. */
const NICE = ["nice", "-n", "10"] as const;

/**
 * Runs the machine; it ends in any case, at the deadline or with us.
 *
 * @param minutes how long it may take
 * @throws MS-CHECK-046 with the console's last lines when it does not end well in time
 */
export async function runMachine(machine: Machine, minutes: number): Promise<void> {
  writeFileSync(machine.console, "");
  const [program, ...options] = NICE;
  const child = spawn(program, [...options, "qemu-system-x86_64", ...qemuOptions(machine)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, minutes * 60_000);
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  const code = await new Promise<number>((done) => {
    child.once("error", () => done(127));
    child.once("close", (status) => done(status ?? 137));
  });
  clearTimeout(deadline);
  process.off("exit", stop);
  if (code === 0) return;
  const how = isLate
    ? `it runs for more than ${minutes} minutes`
    : `qemu ended with ${code}: ${errors.trim()}`;
  const lines = readable(readFileSync(machine.console, "utf8")).slice(-SHOWN_LINES).join("\n");
  throw new CheckError("MS-CHECK-046", `${how}; console: ${machine.console}\n${lines}`);
}

/** Lines of a console without what moves a terminal's cursor or colours it. */
export function readable(text: string): string[] {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
      .replace(/\u001b(\[[0-9;?!]*[A-Za-z]|\][^\u0007]*\u0007|c)/g, "")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
  );
}
