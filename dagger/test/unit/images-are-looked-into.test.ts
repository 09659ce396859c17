import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { ImageContents } from "../../src/supply-chain/image-contents.ts";
import { SECRET_PATTERNS } from "../../src/supply-chain/secret-patterns.ts";
import { type LayerFiles, writeLayout } from "./support/oci-layout.ts";

const work = mkdtempSync(join(tmpdir(), "look-"));
afterAll(() => rmSync(work, { recursive: true }));

const step = (name: string) => fileURLToPath(new URL(`../../steps/${name}`, import.meta.url));
const LONG = `${"deep-".repeat(30)}/${"long-".repeat(30)}name`;
const KEY = ["-----BEGIN PRIVATE", ` KEY-----\n${"QUJD".repeat(30)}\n-----END PRIVATE KEY-----\n`].join("");

function contents(name: string, layers: readonly LayerFiles[]): ImageContents {
  const layout = join(work, name);
  writeLayout(layout, layers, { config: { User: "1000" } });
  const patterns = join(work, "patterns.json");
  writeFileSync(patterns, JSON.stringify(SECRET_PATTERNS));
  const out = join(work, `${name}.json`);
  execFileSync(process.execPath, [step("list-layers.mjs"), layout, patterns, out]);
  return JSON.parse(readFileSync(out, "utf8")) as ImageContents;
}

describe("the listing of an image", () => {
  it("has every entry with its mode and its whole path, layer by layer", () => {
    const { layers, config } = contents("modes", [
      { "bin/su": { content: "x", mode: 0o4755 }, "tmp/": { mode: 0o1777 } },
      { [LONG]: { content: "y".repeat(1000), mode: 0o600 } },
    ]);
    expect(config.config).toEqual({ User: "1000" });
    expect(layers[0]).toContainEqual({
      path: "/bin/su",
      type: "file",
      mode: 0o4755,
      uid: 0,
      gid: 0,
      size: 1,
    });
    expect(layers[0]).toContainEqual(
      expect.objectContaining({ path: "/tmp", type: "directory", mode: 0o1777 }),
    );
    expect(layers[1]?.at(-1)).toMatchObject({ path: `/${LONG}`, size: 1000, mode: 0o600 });
  });

  it("names the file that holds a secret, also where two pieces of it meet", () => {
    const filler = "#".repeat(65_536 - 40);
    const { secrets } = contents("secrets", [
      { "app/a.pem": { content: KEY } },
      {
        "app/big": { content: filler + KEY + filler },
        "app/none": { content: "-----BEGIN PRIVATE KEY-----" },
      },
    ]);
    expect(secrets).toEqual([
      { layer: 0, path: "/app/a.pem", pattern: "private key" },
      { layer: 1, path: "/app/big", pattern: "private key" },
    ]);
  });
});

describe("a canary", () => {
  const VALUE = "canary-0123456789-abcdef";

  function places(name: string, files: LayerFiles, config: object = {}): string[] {
    const layout = join(work, name);
    writeLayout(layout, [files], config);
    const value = join(work, "canary");
    writeFileSync(value, VALUE);
    const text = execFileSync(process.execPath, [step("find-canary.mjs"), layout, value], {
      encoding: "utf8",
    });
    expect(text).not.toContain(VALUE);
    return (JSON.parse(text) as { place: string; form: string }[]).map(
      ({ place, form }) => `${place} ${form}`,
    );
  }

  it("is not found where it is not", () => {
    expect(places("clean", { "app/x": { content: VALUE.slice(1) } })).toEqual([]);
  });

  it.each([
    ["plain", VALUE],
    ["base64", Buffer.from(VALUE).toString("base64")],
    ["base64", Buffer.from(`user:${VALUE}`).toString("base64")],
    ["base64", Buffer.from(`a${VALUE}, and more`).toString("base64")],
    ["hex", Buffer.from(VALUE).toString("hex")],
    ["reversed", [...VALUE].reverse().join("")],
  ])("is found in a file (%s)", (form, content) => {
    expect(places(`file-${content}`.slice(0, 40), { "app/x": { content: `k=${content}\n` } })).toEqual([
      `layer 0 /app/x ${form}`,
    ]);
  });

  it("is found across the pieces of a large file, in a name, and in the history", () => {
    const filler = "#".repeat(65_536 - 10);
    expect(places("large", { big: { content: filler + VALUE } })).toEqual(["layer 0 /big plain"]);
    expect(places("name", { [`x-${VALUE}`]: {} })).toEqual(["layer 0 /x-*** (its name) plain"]);
    expect(places("history", { "app/x": {} }, { history: [{ created_by: `RUN x ${VALUE}` }] })).toEqual([
      "configuration plain",
    ]);
  });
});
