/** Several builds of the same images, side by side. */
import { textTable } from "./table.ts";

/** One build of one image. */
export interface BuildRecord {
  name: string;
  /** What tells this build from the others. */
  build: string;
  digest: string;
  /** Digests of the layers, from the base upwards. */
  layers: readonly string[];
}

/** Names of the images whose builds are not all the same. */
export function differingBuilds(records: readonly BuildRecord[]): string[] {
  const names = [...new Set(records.map(({ name }) => name))];
  return names.filter((name) => new Set(buildsOf(records, name).map(({ digest }) => digest)).size > 1);
}

/** One row per build; where two differ, the layers that do. */
export function buildsTable(records: readonly BuildRecord[]): string {
  const rows = records.map(({ name, build, digest }) => [name, build, digest]);
  const differing = differingBuilds(records);
  const table = textTable(["image", "build", "digest"], rows);
  if (differing.length === 0) return `${table}\n\nthe same digest in every build`;
  return [table, "", ...differing.flatMap((name) => layerLines(buildsOf(records, name)))].join("\n");
}

function layerLines(builds: readonly BuildRecord[]): string[] {
  const [first] = builds;
  const count = Math.max(...builds.map(({ layers }) => layers.length));
  const differing = Array.from({ length: count }, (_, index) => index).filter(
    (index) => new Set(builds.map(({ layers }) => layers[index])).size > 1,
  );
  if (differing.length === 0) return [`${first?.name}: the layers are the same, the configuration differs`];
  return differing.flatMap((index) => [
    `${first?.name}: layer ${index + 1} of ${count}`,
    ...builds.map(({ build, layers }) => `  ${build}: ${layers[index] ?? "none"}`),
  ]);
}

function buildsOf(records: readonly BuildRecord[], name: string): BuildRecord[] {
  return records.filter((record) => record.name === name);
}
