/** One at a time: two commands on one stack would write the same files and make the same containers. */
import { withLock } from "../engine/lock.ts";
import { statePath } from "../engine/state.ts";

/**
 * Waits until no other command of this user works on the project, and keeps others out until the body ends.
 *
 * @param project name of the compose project
 */
export function alone<T>(project: string, body: () => Promise<T>): Promise<T> {
  return withLock(statePath("stack", `${project}.lock`), body);
}
