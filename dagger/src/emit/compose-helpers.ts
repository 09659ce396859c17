/** Services of the compose file that run once, before the service that they help. */
import type { ServiceSpec } from "../spec/service-spec.ts";
import { portOf } from "../spec/service-spec.ts";
import { limitEntries, logEntry, NO_RIGHTS, NOBODY, SMALL_TMP, userEntry } from "./compose-rights.ts";
import { namedVolumes, volumeEntries } from "./compose-volumes.ts";

const COMPLETED = { condition: "service_completed_successfully" };
const ROOT = 0;
const READY_SECONDS = 60;

/** What a helper may and may not: nothing but its one task. */
const CONFINED = {
  read_only: true,
  tmpfs: [SMALL_TMP],
  ...NO_RIGHTS,
  ...limitEntries(64, 0.25, 16),
  logging: logEntry(1, 1),
};

/**
 * Helpers of a service, by name: one gives a part that we take as it is its volumes, which belong to root at first;
 * one waits until a part is ready whose image holds no program that could ask for its health.
 *
 * @param image image with `chown` and `curl`
 * @param profile of the service
 */
export function helperServices(
  spec: ServiceSpec,
  image: string,
  profile: { profiles?: string[] },
): Record<string, object> {
  return {
    ...(needsOwner(spec) && { [ownerName(spec)]: { ...profile, ...ownerService(spec, image) } }),
    ...(needsProbe(spec) && { [probeName(spec)]: { ...profile, ...probeService(spec, image) } }),
  };
}

/** What a service waits for before it starts, beside its own dependencies. */
export function ownHelpers(spec: ServiceSpec): Record<string, object> {
  return needsOwner(spec) ? { [ownerName(spec)]: COMPLETED } : {};
}

/** What others wait for until a service is ready. */
export function readiness(spec: ServiceSpec): Record<string, object> {
  if (needsProbe(spec)) return { [probeName(spec)]: COMPLETED };
  const asked = spec.health?.command !== undefined;
  return { [spec.name]: { condition: asked ? "service_healthy" : "service_started" } };
}

function ownerService(spec: ServiceSpec, image: string): object {
  const paths = namedVolumes(spec).map((volume) => volume.path);
  return {
    image,
    entrypoint: ["chown", userEntry(spec.user), ...paths],
    command: [],
    user: userEntry(ROOT),
    ...CONFINED,
    cap_add: ["CHOWN"],
    network_mode: "none",
    volumes: volumeEntries(spec),
  };
}

function probeService(spec: ServiceSpec, image: string): object {
  const { path = "/", port = "", timeoutSeconds } = spec.health ?? { timeoutSeconds: 1 };
  const url = `http://127.0.0.1:${portOf(spec, port).port}${path}`;
  const quiet = ["--silent", "--show-error", "--fail", "--output", "/dev/null"];
  const patient = ["--retry", String(READY_SECONDS), "--retry-delay", "1", "--retry-all-errors"];
  return {
    image,
    entrypoint: ["curl", ...quiet, ...patient, "--max-time", String(timeoutSeconds), url],
    command: [],
    user: userEntry(NOBODY),
    ...CONFINED,
    network_mode: `service:${spec.name}`,
    depends_on: { [spec.name]: { condition: "service_started" } },
  };
}

function needsOwner(spec: ServiceSpec): boolean {
  return spec.image !== undefined && namedVolumes(spec).length > 0;
}

function needsProbe(spec: ServiceSpec): boolean {
  return spec.health?.command === undefined && spec.health?.path !== undefined;
}

function ownerName(spec: ServiceSpec): string {
  return `${spec.name}-volumes`;
}

function probeName(spec: ServiceSpec): string {
  return `${spec.name}-ready`;
}
