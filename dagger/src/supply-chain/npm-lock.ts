/** package-lock.json cut down to what one workspace is bundled from: its dependencies and theirs, not the tools. */

interface LockedPackage {
  name?: string;
  version?: string;
  license?: string;
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  [other: string]: unknown;
}

/** package-lock.json, version 2 or 3. */
export interface NpmLock {
  name?: string;
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
  [other: string]: unknown;
}

/**
 * Follows the dependencies of a workspace as node looks them up.
 *
 * @param workspace directory of the workspace, for example services/mcp-gateway
 * @throws when the lock does not know the workspace
 */
export function lockOfWorkspace(lock: NpmLock, workspace: string): NpmLock {
  const root = lock.packages[workspace];
  if (!root) throw new Error(`package-lock.json has no workspace ${workspace}`);
  const found = new Map<string, LockedPackage>();
  const open = [workspace];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entry = lock.packages[path];
    for (const name of Object.keys({ ...entry?.dependencies, ...entry?.peerDependencies })) {
      const place = lookUp(lock, path, name);
      // An optional peer may be missing.
      if (place === undefined || found.has(place)) continue;
      found.set(place, lock.packages[place] ?? {});
      open.push(place);
    }
  }
  const { dependencies, name, version, license } = root;
  const sorted = [...found].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    ...(name !== undefined && { name }),
    lockfileVersion: lock.lockfileVersion,
    requires: true,
    packages: {
      "": {
        ...(name !== undefined && { name }),
        ...(version !== undefined && { version }),
        ...(license !== undefined && { license }),
        ...(dependencies && { dependencies }),
      },
      ...Object.fromEntries(sorted),
    },
  };
}

// Upwards from the package that asks: its own node_modules, then those of each directory above.
function lookUp(lock: NpmLock, from: string, name: string): string | undefined {
  const parts = from.split("/");
  for (let length = parts.length; length >= 0; length -= 1) {
    if (parts[length - 1] === "node_modules") continue;
    const place = [...parts.slice(0, length), "node_modules", name].join("/");
    if (lock.packages[place]) return place;
  }
  return undefined;
}

/** Licence of the workspace itself by its package URL; the generator reads those of its dependencies only. */
export function ownLicence({ packages }: NpmLock): Record<string, string> {
  const { name, version, license } = packages[""] ?? {};
  if (name === undefined || license === undefined) return {};
  return { [`pkg:npm/${name.replace("@", "%40")}@${version}`]: license };
}
