/**
 * Labels of SELinux, where Docker confines containers by them. Compose can ask for a label on a bind mount only, and secrets
 * and configurations are mounted without one: so the files themselves get the label, as `:z` would give it.
 */
import { runCommand } from "../engine/run-command.ts";
import { askDocker } from "./daemon.ts";
import { StackError } from "./stack-error.ts";

const CONTAINER_FILE = ["--type", "container_file_t", "--range", "s0"] as const;

/**
 * Lets containers read the files of a directory; does nothing where Docker does not use SELinux.
 *
 * @throws StackError MS-STACK-016 when they cannot be labelled
 */
export async function labelForContainers(directory: string): Promise<void> {
  const options = await askDocker("info", "--format", "{{.SecurityOptions}}");
  if (!options.includes("name=selinux")) return;
  const { exitCode, stderr } = await runCommand("chcon", ["--recursive", ...CONTAINER_FILE, directory]);
  if (exitCode !== 0) throw new StackError("MS-STACK-016", `chcon of ${directory}: ${stderr.trim()}`);
}
