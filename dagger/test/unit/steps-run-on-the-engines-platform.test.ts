import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  compiledVolume,
  crossPackages,
  debianTuple,
  enginePlatform,
  isForeign,
  npmPackageFor,
  npmTarget,
  PLATFORMS,
  type Platform,
  publishedByDefault,
  refuseOtherPlatforms,
  rustTarget,
} from "../../src/spec/platform.ts";
import { cargoTree } from "../../src/supply-chain/cargo-crates.ts";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));
const [AMD64, ARM64] = PLATFORMS as [Platform, Platform];
const BOTH_WAYS: [Platform, Platform][] = [
  [AMD64, ARM64],
  [ARM64, AMD64],
];

describe("an engine", () => {
  it.each([
    ["linux/amd64", AMD64],
    ["linux/amd64/v1", AMD64],
    ["linux/amd64/v3", AMD64],
    ["linux/arm64", ARM64],
    ["linux/arm64/v8", ARM64],
    ["linux/arm64/v9", ARM64],
    ["linux/arm64/v8.2", ARM64],
  ])("that says %s runs programs of $name", (reported, platform) => {
    expect(enginePlatform(reported)).toBe(platform);
  });

  it.each(["linux/riscv64", "linux/arm/v7", "linux/arm64/v7", "windows/amd64", "linux/amd64/v1/x", "arm64"])(
    "that says %s is refused, with the names of those that are not",
    (reported) => {
      expect(() => enginePlatform(reported)).toThrow(
        `MS-PIPE-012 the engine runs on ${reported}; the pipeline's steps run on linux/amd64, linux/arm64. Next: point _EXPERIMENTAL_DAGGER_RUNNER_HOST at an engine`,
      );
    },
  );

  it("that says nothing is refused too", () => {
    expect(() => enginePlatform("")).toThrow("MS-PIPE-012 the engine runs on a platform without a name");
  });
});

describe.each(BOTH_WAYS)("on an engine of $name", (engine, other) => {
  it("its own programs are made the plain way", () => {
    expect(isForeign(engine, engine)).toBe(false);
    expect(npmTarget(engine, engine)).toEqual([]);
    expect(compiledVolume("compiled", engine, engine)).toBe("compiled");
  });

  it(`those of the other one are made across, and kept apart`, () => {
    expect(isForeign(other, engine)).toBe(true);
    expect(npmTarget(other, engine)).toEqual(["--force"]);
    expect(compiledVolume("compiled", other, engine)).toBe(`compiled-${other.architecture}`);
  });

  it("what nobody names is for this machine when it stays here, and is what the hand-off deploys when it does not", () => {
    expect(publishedByDefault(true, engine)).toBe(engine);
    expect(publishedByDefault(false, engine)).toBe(AMD64);
  });

  it("an image of the other platform is not run", () => {
    const images = [
      ["nats", other.name],
      ["supervisor", engine.name],
      ["postgres", ""],
    ] as const;
    expect(() => refuseOtherPlatforms(images, engine)).toThrow(
      `MS-PIPE-013 nats is for ${other.name}, postgres is for no platform; the engine runs ${engine.name}. Next: `,
    );
    expect(refuseOtherPlatforms([["nats", `${engine.name}/${engine === ARM64 ? "v8" : "v1"}`]], engine)).toBe(
      undefined,
    );
  });
});

describe("what is fetched for a platform", () => {
  it("is the npm package of the same family, whichever of them is named", () => {
    for (const name of ["@scope/program-linux-x64", "@scope/program-linux-arm64"]) {
      expect(npmPackageFor(name, ARM64)).toBe("@scope/program-linux-arm64");
      expect(npmPackageFor(name, AMD64)).toBe("@scope/program-linux-x64");
    }
    expect(npmPackageFor("x64-tools", ARM64)).toBe("x64-tools");
  });

  it("are Debian's cross compilers by the names that they have", () => {
    expect(crossPackages(ARM64).slice(-3)).toEqual([
      ...["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
      "libstd-rust-web-dev:arm64",
    ]);
    expect(crossPackages(AMD64).slice(-3)).toEqual([
      ...["gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"],
      "libstd-rust-web-dev:amd64",
    ]);
    // The compilers' own names keep the underscore.
    expect([AMD64, ARM64].map(debianTuple)).toEqual(["x86_64-linux-gnu", "aarch64-linux-gnu"]);
  });

  it("are the crates of that target", () => {
    const target = rustTarget(ARM64);
    expect(cargoTree(target)).toContain("aarch64-unknown-linux-gnu");
    expect(cargoTree(target).join(" ")).not.toContain("x86_64");
  });
});

it("no source but the table of platforms names a processor", () => {
  const naming = sources("").filter((path) => {
    // What people read in --help names both.
    const code = linesOf(path).filter((line) => !/^\s*(\/\*\*|\*|\/\/)/.test(line));
    return code.some((line) => /amd64|arm64|aarch64|x86_64/i.test(line));
  });
  expect(naming.sort()).toEqual(["emit/hand-off/price-table.ts", "spec/platform.ts"]);
});

it("the decisions load no engine", () => {
  const pure = [...sources("spec"), ...sources("emit"), ...sources("supply-chain")];
  const loading = pure.filter((path) => linesOf(path).some((line) => line.includes('from "@dagger.io')));
  expect(loading).toEqual([]);
});

function sources(directory: string): string[] {
  const names = readdirSync(join(SOURCES, directory), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(directory, name));
}

function linesOf(path: string): string[] {
  return readFileSync(join(SOURCES, path), "utf8").split("\n");
}
