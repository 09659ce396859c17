import { describe, expect, it } from "vitest";
import { cargoPurl, lockOfCrates, parseCrates } from "../../src/supply-chain/cargo-crates.ts";
import { lockOfWorkspace, type NpmLock } from "../../src/supply-chain/npm-lock.ts";
import { repoText } from "./support/repo.ts";

const GATEWAY = "services/mcp-gateway";
const repoLock = (): NpmLock => JSON.parse(repoText("package-lock.json")) as NpmLock;

describe("package-lock.json", () => {
  it("is cut to what the gateway is bundled from, without its tools", () => {
    const paths = Object.keys(lockOfWorkspace(repoLock(), GATEWAY).packages);
    expect(paths).toContain("node_modules/pino");
    expect(paths).toContain("node_modules/thread-stream");
    expect(paths).not.toContain("node_modules/esbuild");
    expect(paths).not.toContain("node_modules/vitest");
    expect(paths).not.toContain("node_modules/echarts");
  });

  it("keeps a package that is planted as a dependency of a dependency", () => {
    const lock = repoLock();
    const pino = lock.packages["node_modules/pino"];
    if (pino) pino.dependencies = { ...pino.dependencies, planted: "1.0.0" };
    lock.packages["node_modules/planted"] = { version: "1.0.0", license: "MIT" };
    expect(lockOfWorkspace(lock, GATEWAY).packages["node_modules/planted"]).toEqual({
      version: "1.0.0",
      license: "MIT",
    });
  });

  it("takes the version that node would take: the nearest one", () => {
    const lock: NpmLock = {
      lockfileVersion: 3,
      packages: {
        "apps/one": { dependencies: { a: "1", shared: "2" } },
        "apps/one/node_modules/shared": { version: "2.0.0" },
        "node_modules/a": {
          version: "1.0.0",
          dependencies: { shared: "1", inner: "1" },
          peerDependencies: { absent: "1" },
        },
        "node_modules/a/node_modules/inner": { version: "1.0.0", dependencies: { shared: "1" } },
        "node_modules/shared": { version: "1.0.0" },
        "node_modules/unused": { version: "1.0.0" },
      },
    };
    const found = Object.keys(lockOfWorkspace(lock, "apps/one").packages);
    expect(found).toEqual([
      "",
      "apps/one/node_modules/shared",
      "node_modules/a",
      "node_modules/a/node_modules/inner",
      "node_modules/shared",
    ]);
  });

  it("is refused when it does not know the workspace", () => {
    expect(() => lockOfWorkspace(repoLock(), "services/nothing")).toThrow(
      "has no workspace services/nothing",
    );
  });
});

describe("Cargo.lock", () => {
  const tree = [
    "supervisor v0.1.0 (/src/supervisor)|Apache-2.0",
    "tokio v1.54.0|MIT",
    "serde_derive v1.0.1 (proc-macro)|MIT OR Apache-2.0",
    "tokio v1.54.0|MIT",
    "old v0.2.0|MIT/Apache-2.0",
    "bare v0.1.0|",
    "",
  ].join("\n");

  it("names each crate of `cargo tree` once, with its licence as SPDX writes it", () => {
    const crates = parseCrates(tree);
    expect(crates.map(cargoPurl)).toEqual([
      "pkg:cargo/bare@0.1.0",
      "pkg:cargo/old@0.2.0",
      "pkg:cargo/serde_derive@1.0.1",
      "pkg:cargo/supervisor@0.1.0",
      "pkg:cargo/tokio@1.54.0",
    ]);
    expect(crates.map(({ licence }) => licence)).toEqual([
      "",
      "MIT OR Apache-2.0",
      "MIT OR Apache-2.0",
      "Apache-2.0",
      "MIT",
    ]);
  });

  it("is cut to these crates, at these versions", () => {
    const lock = repoText("services/Cargo.lock");
    const version = /name = "bytes"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? "";
    const cut = lockOfCrates(lock, [
      { name: "bytes", version, licence: "" },
      { name: "clap", version: "0.0.0", licence: "" },
    ]);
    expect(cut.match(/^name = .*$/gm)).toEqual(['name = "bytes"']);
    expect(cut.split("\n").find((line) => line.startsWith("version ="))).toBe("version = 4");
  });
});
