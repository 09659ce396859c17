/** Asks a container for its health, over HTTP as a load balancer does, or by its command. */
import { portOf } from "../../../dagger/src/spec/service-spec.ts";
import { type Container, lastWords } from "./container.ts";
import { NoUse, patient, until } from "./wait.ts";

const ASK_MS = patient(2000);

/** Status of an answer; 0 when there was none in time. */
export async function statusOf(url: string, timeoutMs = ASK_MS): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Address of a path on the health port. */
export function healthUrl(container: Container, path: string): string {
  const { spec } = container;
  return `http://${container.address}:${portOf(spec, spec.health?.port ?? "http").port}${path}`;
}

/**
 * True when the container is ready by its spec's path, or by its command where it has no path.
 *
 * @throws Error with what the container answered instead
 */
export async function checkReady(container: Container): Promise<boolean> {
  const { health } = container.spec;
  if (health?.path) {
    const response = await fetch(healthUrl(container, health.path), { signal: AbortSignal.timeout(ASK_MS) });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${body}`);
    return true;
  }
  if (!health?.command) return true;
  const [program = "", ...args] = health.command;
  return (await container.exec([program, ...args])).code === 0;
}

/** Waits until a container is ready; one that ended is not waited for. */
export async function waitUntilReady(container: Container, timeoutMs: number): Promise<void> {
  await until(`${container.name} is ready`, timeoutMs, async () => {
    if (container.exit)
      throw new NoUse(`it ended with ${container.exit.code}: ${await lastWords(container)}`);
    return checkReady(container);
  });
}

/** Both answers of a service of ours. */
export async function liveAndReady(container: Container): Promise<{ live: number; ready: number }> {
  const [live, ready] = await Promise.all([
    statusOf(healthUrl(container, "/health/live")),
    statusOf(healthUrl(container, "/health/ready")),
  ]);
  return { live, ready };
}
