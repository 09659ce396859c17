/** Platforms that images are built for, what each tool calls them, and what follows from the one that the engine has. */
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
  /** As ECS calls its processor. */
  ecs: "X86_64" | "ARM64";
  /** As the head of a program says it (ELF's e_machine, hex digits as they stand in the file). */
  elf: string;
  /** Variants of the processor that run its programs, as containers write them behind the name; none says the same. */
  variants: RegExp;
}

/** Where that is in the file: the 19th and the 20th byte. */
const ELF_MACHINE = { from: 36, to: 40 };

/** What the hand-off deploys when nobody names another: Fargate's default. */
export const DEPLOYED_PLATFORM: Platform = {
  name: "linux/amd64",
  architecture: "amd64",
  npm: "x64",
  machine: "x86_64",
  ecs: "X86_64",
  elf: "3e00",
  variants: /^v[1-4]$/,
};

/** Every platform that can be built, in the order in which an index lists them. */
export const PLATFORMS: readonly Platform[] = [
  DEPLOYED_PLATFORM,
  {
    name: "linux/arm64",
    architecture: "arm64",
    npm: "arm64",
    machine: "aarch64",
    ecs: "ARM64",
    elf: "b700",
    variants: /^v[89](\.\d)?$/,
  },
];

/** Variants that images are built for anyway: to name them is to name the platform. */
const BUILT_VARIANTS: ReadonlySet<string> = new Set(["linux/amd64/v1", "linux/arm64/v8"]);

/**
 * Reads a list of platforms. The order and doubles say nothing: the same platforms give the same index.
 *
 * @param otherwise the platform of an empty list
 * @throws PipelineError MS-PIPE-002 for one that we do not build
 */
export function parsePlatforms(
  names: readonly string[] | null | undefined,
  otherwise: Platform,
): readonly Platform[] {
  const wanted = (names ?? []).map((name) => name.trim());
  const found = wanted.map(builtPlatform);
  const unknown = wanted.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0)
    throw new PipelineError(
      "MS-PIPE-002",
      `no platform ${unknown.map((name) => name || "without a name").join(", ")}; there are ${knownPlatforms()}`,
    );
  if (wanted.length === 0) return [otherwise];
  return PLATFORMS.filter((platform) => found.includes(platform));
}

/**
 * Reads what an engine says of itself.
 *
 * @throws PipelineError MS-PIPE-012 for one that no step of ours runs on
 */
export function enginePlatform(reported: string): Platform {
  const platform = platformOf(reported);
  if (platform) return platform;
  throw new PipelineError(
    "MS-PIPE-012",
    `the engine runs on ${reported || "a platform without a name"}; the pipeline's steps run on ${knownPlatforms()}`,
  );
}

/** The platform whose programs these are, also by the name of a variant; undefined when it is none of ours. */
export function platformOf(name: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = name.split("/");
  const platform = PLATFORMS.find((known) => known.name === `${os}/${architecture}`);
  if (platform === undefined || rest.length > 0) return undefined;
  return variant === undefined || platform.variants.test(variant) ? platform : undefined;
}

/** What a publication is for when nobody says: the registry inside the graph serves the machine that it runs on. */
export function publishedByDefault(local: boolean, engine: Platform): Platform {
  return local ? engine : DEPLOYED_PLATFORM;
}

/**
 * Refuses images whose programs the engine cannot run: under emulation their containers would not even start.
 *
 * @param images name of each and the platform that it says of itself
 * @throws PipelineError MS-PIPE-013 naming each
 */
export function refuseOtherPlatforms(
  images: readonly (readonly [name: string, platform: string])[],
  engine: Platform,
): void {
  const others = images.filter(([, platform]) => platformOf(platform) !== engine);
  if (others.length === 0) return;
  const list = others.map(([name, platform]) => `${name} is for ${platform || "no platform"}`).join(", ");
  throw new PipelineError("MS-PIPE-013", `${list}; the engine runs ${engine.name}`);
}

/** Whether programs of a platform are made on an engine that cannot run them. */
export function isForeign(platform: Platform, engine: Platform): boolean {
  return platform.name !== engine.name;
}

/** Target of the Rust compiler. */
export function rustTarget({ machine }: Platform): string {
  return `${machine}-unknown-linux-gnu`;
}

/** Name of Debian's directories of libraries, and beginning of its cross compilers' names. */
export function debianTuple({ machine }: Platform): string {
  return `${machine}-linux-gnu`;
}

/** Debian's packages that make Rust programs of another platform. */
export function crossPackages(platform: Platform): string[] {
  const { architecture } = platform;
  return [
    ...["ca-certificates", "gcc", "libc6-dev", "rustc-web", "cargo-web"],
    // A package's name has no underscore.
    ...[`gcc-${debianTuple(platform).replace("_", "-")}`, `libc6-dev-${architecture}-cross`],
    `libstd-rust-web-dev:${architecture}`,
  ];
}

/** Name of the volume for what is compiled for a platform; an engine's own has the plain one. */
export function compiledVolume(name: string, platform: Platform, engine: Platform): string {
  return isForeign(platform, engine) ? `${name}-${platform.architecture}` : name;
}

/** What makes npm install a package that is not for the machine it runs on; it knows no milder word for it. */
export function npmTarget(platform: Platform, engine: Platform): string[] {
  return isForeign(platform, engine) ? ["--force"] : [];
}

/**
 * The package of a program's npm family that holds the program for a platform: their names end with the platform.
 *
 * @param name the one of any platform
 */
export function npmPackageFor(name: string, { npm }: Platform): string {
  return name.replace(new RegExp(`-(${PLATFORMS.map((known) => known.npm).join("|")})$`), `-${npm}`);
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

function builtPlatform(name: string): Platform | undefined {
  const isPlain = PLATFORMS.some((known) => known.name === name);
  return isPlain || BUILT_VARIANTS.has(name) ? platformOf(name) : undefined;
}

/** Names of all platforms, as a message lists them. */
export function knownPlatforms(): string {
  return PLATFORMS.map(({ name }) => name).join(", ");
}
