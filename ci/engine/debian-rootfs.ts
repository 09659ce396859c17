/** Root file systems of Debian bookworm from the host's configured package sources. */
import { existsSync, readdirSync } from "node:fs";
import { statePath } from "./state.ts";
import { step } from "./step.ts";

/** The release of Debian that everything is built of, and that the host must have: its package sources are used. */
export const RELEASE = "bookworm";

/** The host's package source files: its mirrors are used, ours would be wrong elsewhere. */
function hostSources(): string[] {
  const directory = "/etc/apt/sources.list.d";
  const files = existsSync(directory) ? readdirSync(directory) : [];
  const debian = files
    .filter((file) => /^debian.*\.(list|sources)$/.test(file))
    .map((file) => `${directory}/${file}`);
  return debian.length > 0 ? debian : ["/etc/apt/sources.list"];
}

/**
 * Builds a minimal root file system and gives the path of its tar.
 *
 * @param name name of the step
 * @param packages Debian packages beside the minimum
 */
export async function debianRootfs(name: string, packages: string[]): Promise<string> {
  const tar = statePath("rootfs", `${name}.tar`);
  await step(`rootfs-${name}`, { RELEASE, packages }, [tar], async ({ run }) => {
    const include = `--include=${packages.join(",")}`;
    await run("mmdebstrap", ["--variant=minbase", include, RELEASE, tar, ...hostSources()]);
  });
  return tar;
}
