import { describe, expect, it } from "vitest";
import { type ImageContents, type LayerEntry, mergedRoot } from "../../src/supply-chain/image-contents.ts";
import { lintImage } from "../../src/supply-chain/image-lint.ts";
import { covers, parseLintPolicy } from "../../src/supply-chain/lint-policy.ts";
import { lintText } from "../../src/supply-chain/lint-text.ts";

const POLICY = [
  "maxLayers: 2",
  "labels: [org.opencontainers.image.title]",
  "shells: { worker: the CLI runs commands in it }",
  "exceptions: [{ image: shop, rule: writable, path: /srv/**, reason: filled by the service }]",
].join("\n");
const policy = parseLintPolicy(POLICY);
const spec = {
  name: "shop",
  user: 65532,
  writablePaths: [{ path: "/tmp", kind: "tmpfs" as const, meaning: "" }],
};

function entry(path: string, changes: Partial<LayerEntry> = {}): LayerEntry {
  return { path, type: "file", mode: 0o755, uid: 0, gid: 0, size: 1, ...changes };
}

function image(entries: LayerEntry[] = [], changes: object = {}): ImageContents {
  const config = {
    User: "65532:65532",
    Entrypoint: ["/shop"],
    Cmd: ["run"],
    Env: ["PATH=/bin"],
    Labels: { "org.opencontainers.image.title": "shop" },
    ...changes,
  };
  const tmp = entry("/tmp", { type: "directory", mode: 0o1777, uid: 65532, gid: 65532 });
  return { config: { config }, layers: [[entry("/shop"), tmp, ...entries]], secrets: [] };
}

function rules(contents: ImageContents, name = "shop"): string[] {
  return lintImage({ ...spec, name }, contents, policy).map(({ rule, path }) =>
    `${rule} ${path ?? ""}`.trim(),
  );
}

it("an image that keeps the rules has no finding", () => {
  expect(rules(image())).toEqual([]);
});

describe("the configuration", () => {
  it.each([
    ["user", { User: "" }],
    ["user", { User: "root" }],
    ["user", { User: "0:0" }],
    ["user", { User: "1000" }],
    ["entrypoint", { Entrypoint: undefined }],
    ["entrypoint", { Entrypoint: ["shop"] }],
    ["entrypoint", { Entrypoint: ["/bin/sh", "-c", "/shop"] }],
    ["entrypoint", { Cmd: ["sh", "-c", "run"] }],
    ["labels", { Labels: {} }],
    ["labels", { Labels: { "org.opencontainers.image.title": " " } }],
    ["secrets", { Env: ["DATABASE_PASSWORD=hunter2"] }],
    ["secrets", { Labels: { "org.opencontainers.image.title": "shop", key: `AKIA${"A1B2".repeat(4)}` } }],
  ])("%s: %o", (rule, changes) => {
    expect(rules(image([], changes))).toEqual([rule]);
  });

  it("may name a secret's variable without a value", () => {
    expect(rules(image([], { Env: ["ANTHROPIC_API_KEY="] }))).toEqual([]);
  });

  it("holds no secret in its history", () => {
    const contents = image();
    contents.config.history = [{ created_by: `RUN curl -H 'x: ghp_${"a1".repeat(18)}'` }];
    expect(rules(contents)).toEqual(["secrets"]);
  });
});

describe("the files", () => {
  it.each([
    ["setuid /usr/bin/su", entry("/usr/bin/su", { mode: 0o4755 })],
    ["setuid /usr/bin/chage", entry("/usr/bin/chage", { mode: 0o2755 })],
    ["secrets /root/.npmrc", entry("/root/.npmrc")],
    ["secrets /home/x/.ssh/id_ed25519", entry("/home/x/.ssh/id_ed25519")],
    ["caches /var/lib/apt/lists/deb_InRelease", entry("/var/lib/apt/lists/deb_InRelease")],
    ["caches /root/.npm/_cacache/x", entry("/root/.npm/_cacache/x")],
    ["builder /.init", entry("/.init")],
    ["builder /.dockerenv", entry("/.dockerenv")],
    ["builder /etc/resolv.conf", entry("/etc/resolv.conf")],
    ["builder /usr/local/share/ca-certificates/a.crt", entry("/usr/local/share/ca-certificates/a.crt")],
    ["shell /bin/sh", entry("/bin/sh", { type: "symlink", mode: 0o777 })],
    ["shell /usr/bin/busybox", entry("/usr/bin/busybox")],
    ["writable /etc/hosts", entry("/etc/hosts", { mode: 0o666 })],
    ["writable /var/tmp", entry("/var/tmp", { type: "directory", mode: 0o1777 })],
    ["writable /app", entry("/app", { type: "directory", uid: 65532 })],
    ["writable /data", entry("/data", { mode: 0o664, gid: 65532 })],
  ])("%s", (finding, file) => {
    expect(rules(image([file]))).toEqual([finding]);
  });

  it("may be written below declared paths and where an exception says so", () => {
    expect(rules(image([entry("/tmp/x", { uid: 65532 }), entry("/srv/a/b", { uid: 65532 })]))).toEqual([]);
  });

  it("are excepted by a pattern of their name, not by its beginning", () => {
    expect(covers("/lib/libx.so.*", "/lib/libx.so.30.1")).toBe(true);
    expect(covers("/lib/libx.so.*", "/lib/libxQso.3")).toBe(false);
    expect(covers("/lib/libx.so.*", "/lib/libx.so.d/y")).toBe(false);
    expect(covers("/srv/**", "/srv")).toBe(true);
    expect(covers("/srv/**", "/srv2")).toBe(false);
  });

  it("may be the empty file that a runtime mounts its own over", () => {
    expect(rules(image([entry("/etc/resolv.conf", { size: 0 })]))).toEqual([]);
  });

  it("may be a shell where the policy has a reason for it", () => {
    expect(rules(image([entry("/bin/sh")]), "worker")).toEqual([]);
  });

  it("count in every layer when they are secrets, and as they are at the end when they are setuid", () => {
    const contents = image([entry("/root/.npmrc"), entry("/usr/bin/su", { mode: 0o4755 })]);
    contents.layers.push([entry("/root/.wh..npmrc"), entry("/usr/bin/su", { mode: 0o755 })]);
    expect(rules(contents)).toEqual(["secrets /root/.npmrc"]);
  });

  it("that hold a pattern of a secret are named with it", () => {
    const contents = image();
    contents.secrets = [{ layer: 0, path: "/app/config.js", pattern: "private key" }];
    expect(lintText(["shop"], lintImage(spec, contents, policy))).toContain(
      "/app/config.js  holds a private key",
    );
  });
});

it("too many layers are one finding", () => {
  const contents = image();
  contents.layers.push([], []);
  expect(rules(contents)).toEqual(["layers"]);
});

it("a whiteout removes a file, a directory with all below it, and an opaque one what lay in it", () => {
  const first = ["/a", "/d", "/d/x", "/e", "/e/x", "/dd"].map((path) => entry(path));
  const root = mergedRoot([
    first,
    [entry("/.wh.a"), entry("/.wh.d"), entry("/e/.wh..wh..opq"), entry("/e/new")],
  ]);
  expect([...root.keys()]).toEqual(["/e", "/dd", "/e/new"]);
});

it("a mistyped rule of an exception is refused with its line", () => {
  expect(() => parseLintPolicy(POLICY.replace("rule: writable", "rule: writeable"))).toThrow(
    /^MS-SUPPLY-002 ci\/policies\/image-lint.yaml:4 exceptions.0.rule/,
  );
});
