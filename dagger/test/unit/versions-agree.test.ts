import { expect, it } from "vitest";
import { parseVersions, versionOf } from "../../src/spec/versions.ts";
import { repoText } from "./support/repo.ts";

const versions = parseVersions(repoText("ci/versions.json"));

it.each([
  ["services/tools/go", 3],
  ["ci/lint", 1],
  ["ci/stack/compose-binary", 1],
])("Go programs of %s have the versions of ci/versions.json", (folder, count) => {
  const manifest = repoText(`${folder}/go.mod`);
  const tools = [...manifest.matchAll(/^(?:\t|tool )([^\s(]+)$/gm)].map((match) => match[1] ?? "");
  expect(tools).toHaveLength(count);
  for (const tool of tools) {
    const entry = Object.values(versions.go).find((candidate) => candidate.module === tool);
    const required = [...manifest.matchAll(/^\t(\S+) (v\S+)/gm)].find(([, module = ""]) =>
      tool.startsWith(module),
    );
    expect(required?.[2], tool).toBe(entry?.version);
  }
});

it.each(["syft", "osv-scanner", "cosign"])("%s has the version of ci/versions.json", (name) => {
  const manifest = repoText(`ci/scanners/${name}/go.mod`);
  const { module, version, toolchain } = versionOf(versions.go, name);
  expect(manifest).toContain(`tool ${module}\n`);
  const required = [...manifest.matchAll(/^(?:require )?\t?(\S+) (v\S+)/gm)].find(([, path = ""]) =>
    module.startsWith(`${path}/`),
  );
  expect(required?.[2]).toBe(version);
  // A newer Go than the image's must be named, or the build ends there.
  const [, go = ""] = /^go (\S+)$/m.exec(manifest) ?? [];
  if (toolchain) expect(toolchain).toBe(`go${go}`);
});

it("dagger.json asks for the engine of ci/versions.json", () => {
  const manifest = JSON.parse(repoText("dagger.json")) as { engineVersion: string };
  expect(manifest.engineVersion).toBe(versions.engine.dagger);
});

it("a name that is not there is said", () => {
  expect(() => versionOf(versions.images, "debain")).toThrow("ci/versions.json has no debain");
});
