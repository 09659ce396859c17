/** Which crates a program is made of, told by `cargo tree`, and the lock file cut down to them. */

/**
 * Arguments of `cargo tree` whose output `parseCrates` reads: what is linked into a program.
 *
 * @param target of the Rust compiler
 */
export function cargoTree(target: string): string[] {
  return [
    ...["tree", "--locked", "--edges", "normal", "--target", target],
    ...["--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"],
  ];
}

/** One crate of a program. */
export interface Crate {
  name: string;
  version: string;
  /** SPDX expression from its manifest; empty when it has none. */
  licence: string;
}

/** Reads the tree: one line per crate, `name vVERSION (where from)|LICENCE`, the same crate many times. */
export function parseCrates(tree: string): Crate[] {
  const crates = new Map<string, Crate>();
  for (const line of tree.split("\n")) {
    const [, name = "", version = "", licence = ""] = /^(\S+) v(\S+)[^|]*\|(.*)$/.exec(line.trim()) ?? [];
    // Old manifests write MIT/Apache-2.0.
    if (name !== "")
      crates.set(`${name} ${version}`, { name, version, licence: licence.trim().replaceAll("/", " OR ") });
  }
  return [...crates.values()].sort((left, right) => (cargoPurl(left) < cargoPurl(right) ? -1 : 1));
}

/** Package URL of a crate. */
export function cargoPurl({ name, version }: Crate): string {
  return `pkg:cargo/${name}@${version}`;
}

/**
 * Cuts Cargo.lock down to the crates of one program. The whole file also holds what tests and other systems need, and a
 * vulnerability there is none of the image.
 */
export function lockOfCrates(lock: string, crates: readonly Crate[]): string {
  const wanted = new Set(crates.map(({ name, version }) => `${name} ${version}`));
  const [head = "", ...packages] = lock.split(/^(?=\[\[package\]\]$)/m);
  return (
    head +
    packages.filter((block) => wanted.has(`${field(block, "name")} ${field(block, "version")}`)).join("")
  );
}

function field(block: string, key: string): string {
  return new RegExp(`^${key} = "([^"]*)"$`, "m").exec(block)?.[1] ?? "";
}
