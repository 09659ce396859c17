/** What Docker says when it cannot open a port of this machine. */

/** In the words of Linux, of Docker Desktop, and of Windows, which has two ways to refuse. */
const TAKEN = [
  /port is already allocated/i,
  /ports are not available/i,
  /address already in use/i,
  /only one usage of each socket address/i,
  /access a socket in a way forbidden by its access permissions/i,
];
const PLACE = /(?:\d+(?:\.\d+){3}|\[[0-9a-f:]+\]):[1-9]\d*/i;

/**
 * Which port it was.
 *
 * @param output what compose printed
 * @returns `address:port`, or `a port` where Docker names none; undefined when no port is the reason
 */
export function takenPort(output: string): string | undefined {
  const line = output.split("\n").find((text) => TAKEN.some((pattern) => pattern.test(text)));
  return line && (PLACE.exec(line)?.[0] ?? "a port");
}
