/** Platforms that images are built for, and what each tool calls them. */
import { PipelineError } from "../errors.ts";

/** One platform. */
export interface Platform {
  /** As containers call it. */
  name: string;
  /** As Debian, Go and OCI call its processor. */
  architecture: string;
  /** As npm packages call it. */
  npm: string;
  /** As compilers call it. */
  machine: string;
  /** As the head of a program says it (ELF's e_machine, hex digits as they stand in the file). */
  elf: string;
}

/** Where that is in the file: the 19th and the 20th byte. */
const ELF_MACHINE = { from: 36, to: 40 };

/** Where every step of a build runs, and what is built when nobody asks for more: Fargate's default. */
export const BUILD_PLATFORM: Platform = {
  name: "linux/amd64",
  architecture: "amd64",
  npm: "x64",
  machine: "x86_64",
  elf: "3e00",
};

/** Every platform that can be built, in the order in which an index lists them. */
export const PLATFORMS: readonly Platform[] = [
  BUILD_PLATFORM,
  { name: "linux/arm64", architecture: "arm64", npm: "arm64", machine: "aarch64", elf: "b700" },
];

/**
 * Reads a list of platforms; an empty one is the default. The order and doubles say nothing: the same platforms give
 * the same index.
 *
 * @throws PipelineError MS-PIPE-002 for one that we do not build
 */
export function parsePlatforms(names: readonly string[] | null | undefined): Platform[] {
  const wanted = (names ?? []).map((name) => name.trim());
  const known = PLATFORMS.map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new PipelineError(
      "MS-PIPE-002",
      `no platform ${unknown.map((name) => name || "without a name").join(", ")}; there are ${known.join(", ")}`,
    );
  if (wanted.length === 0) return [BUILD_PLATFORM];
  return PLATFORMS.filter(({ name }) => wanted.includes(name));
}

/** Whether programs of this platform are made on another one, where they cannot run. */
export function isForeign({ name }: Platform): boolean {
  return name !== BUILD_PLATFORM.name;
}

/** Target of the Rust compiler. */
export function rustTarget({ machine }: Platform): string {
  return `${machine}-unknown-linux-gnu`;
}

/** Name of Debian's directories of libraries, and beginning of its cross compilers' names. */
export function debianTuple({ machine }: Platform): string {
  return `${machine}-linux-gnu`;
}

/** What makes npm install a package that is not for the machine it runs on; it knows no milder word for it. */
export function npmTarget(platform: Platform): string[] {
  return isForeign(platform) ? ["--force"] : [];
}

/** The package of a program's npm family that holds the program for a platform: their names end with the platform. */
export function npmPackageFor(name: string, { npm }: Platform): string {
  return name.replace(new RegExp(`-${BUILD_PLATFORM.npm}$`), `-${npm}`);
}

/**
 * Says what a program is made for, as compilers call it.
 *
 * @param head its first 20 bytes as `od -tx1` prints them
 */
export function machineOf(head: string): string {
  const code = head.replace(/\s/g, "").slice(ELF_MACHINE.from, ELF_MACHINE.to);
  return PLATFORMS.find(({ elf }) => elf === code)?.machine ?? "something else";
}
