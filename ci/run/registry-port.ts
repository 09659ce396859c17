/** The port of this machine on which the local registry is served. */
import { once } from "node:events";
import { createServer } from "node:net";
import { CheckError } from "../shared/check-error.ts";

const HIGHEST = 65_535;

/**
 * The port that a person gave, or the usual one.
 *
 * @param given what stands behind PORT=; empty for the usual one
 * @throws MS-CHECK-030 when it is no port
 */
export function registryPort(given: string, usual: number): number {
  if (given === "") return usual;
  const port = /^\d+$/.test(given) ? Number(given) : 0;
  if (port >= 1 && port <= HIGHEST) return port;
  throw new CheckError("MS-CHECK-030", `PORT=${given} is no number from 1 to ${HIGHEST}`);
}

/**
 * Asks the machine for the port and gives it back at once.
 *
 * @throws MS-CHECK-031 when it is not to be had
 */
export async function expectFree(port: number): Promise<void> {
  const server = createServer().listen(port);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const who = code === "EADDRINUSE" ? "another program has it; on a Mac that may be AirPlay" : code;
    throw new CheckError("MS-CHECK-031", `port ${port} of this machine is not to be had: ${who}`);
  }
  server.close();
  await once(server, "close");
}
