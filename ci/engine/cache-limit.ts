/**
 * How much of the disk the engine's cache may take.
 *
 * The engine's own policy asks for a fifth of the disk to stay free and counts the blocks that the file system reserves
 * as free. Where that reserve is large the cache would grow until nothing is left for anyone else.
 */
import { type StatsFs, statfsSync } from "node:fs";
import { stateDir } from "./state.ts";

/** Part of the usable disk that the cache may take; the rest is for the images, the sources and everyone else. */
export const CACHE_SHARE = 0.6;

/** Largest cache on the disk of the state folder, bytes. */
export function cacheLimit(
  disk: Pick<StatsFs, "bsize" | "blocks" | "bfree" | "bavail"> = statfsSync(stateDir()),
): number {
  const reserved = disk.bfree - disk.bavail;
  return Math.floor((disk.blocks - reserved) * disk.bsize * CACHE_SHARE);
}
