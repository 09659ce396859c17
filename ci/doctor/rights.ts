/** Who runs the commands. */
import { ask } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** What is known of the user. */
export interface RightsFacts {
  /** Undefined on a system without. */
  uid: number | undefined;
  groups: readonly string[];
  /** The mask for new files. */
  umask: number;
}

/** Asks this machine. */
export async function rightsFacts(): Promise<RightsFacts> {
  const groups = (await ask("id", "-Gn"))?.split(/\s+/) ?? [];
  return { uid: process.getuid?.(), groups, umask: process.umask() };
}

/** What is said of it; no names but that of Docker's group. */
export function rightsFinding({ uid, groups, umask }: RightsFacts): Finding {
  const group = groups.includes("docker") ? "in group docker" : "not in group docker";
  const found = `${uid === 0 ? "root" : `no root, ${group}`}, umask ${umask.toString(8).padStart(3, "0")}`;
  if (uid === 0) return { subject: "rights", found };
  return {
    subject: "rights",
    found,
    follows: "no engine can be built from packages: Docker must reach a registry",
  };
}
