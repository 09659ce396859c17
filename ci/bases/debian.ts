import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { readHostSources, type SourcesFile, selectAcquireSettings, selectSuite } from "./apt-sources.ts";
import { NEWEST, writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { referenceOf } from "./versions.ts";

// usr-is-merged spares the image a whole perl, which apt would choose instead.
const MERGED = "/usr/share/mmdebstrap/hooks/merged-usr";
const NOT_SHIPPED = `path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
`;
const SMALL_APT = `Acquire::Languages "none";
Acquire::GzipIndexes "true";
APT::AutoRemove::SuggestsImportant "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
`;

/** Debian's slim image: the base of most others. */
export async function debian(): Promise<Recipe> {
  const reference = referenceOf("debian");
  const suite = reference.tag.replace(/-slim$/, "");
  const sources = selectSuite(readHostSources(), suite);
  const settings = selectAcquireSettings((await runCommand("apt-config", ["dump"])).stdout);
  return {
    name: "debian",
    references: [reference],
    version: suite,
    onDebian: false,
    inputs: { sources, settings },
    config: { Env: [`PATH=${DEFAULT_PATH}`], Cmd: ["bash"] },
    build: (work) => build(work, suite, sources, settings),
  };
}

async function build(
  work: Workplace,
  suite: string,
  sources: SourcesFile[],
  settings: string,
): Promise<void> {
  const root = new Root(work.ctx, work.debian);
  root.remove();
  mkdirSync(work.scratch, { recursive: true });
  const files = sources.map((file) => join(work.scratch, file.name));
  sources.forEach((file, index) => {
    writeFileSync(files[index] ?? "", file.text);
  });
  const options = [
    ...lines(NOT_SHIPPED).map((line) => `--dpkgopt=${line}`),
    ...lines(settings).map((line) => `--aptopt=${line}`),
  ];
  const packages = "--include=ca-certificates,usr-is-merged";
  const fixed = [
    "--quiet",
    "--variant=minbase",
    `--hook-dir=${MERGED}`,
    packages,
    '--aptopt=APT::Install-Recommends "false";',
  ];
  // The lists stay in the tree, for the bases that install more; no layer takes them.
  const keep = "--skip=cleanup/apt/lists";
  // Dates of password entries would differ from day to day.
  const env = { SOURCE_DATE_EPOCH: String(NEWEST) };
  await work.ctx.run("mmdebstrap", [...fixed, ...options, keep, suite, root.dir, ...files], { env });
  configure(root, sources, settings);
  await writeLayer(work.ctx, root.dir, work.layer);
}

/** Give the tree the habits of a container image, and the machine's own apt sources. */
function configure(root: Root, sources: readonly SourcesFile[], settings: string): void {
  const apt = join(root.dir, "etc/apt");
  for (const name of readdirSync(join(apt, "sources.list.d"))) rmSync(join(apt, "sources.list.d", name));
  rmSync(join(apt, "sources.list"), { force: true });
  rmSync(join(apt, "apt.conf.d/99mmdebstrap"), { force: true });
  rmSync(join(root.dir, "etc/dpkg/dpkg.cfg.d/99mmdebstrap"), { force: true });
  for (const { name, text } of sources)
    root.write(`etc/apt/${name === "sources.list" ? name : `sources.list.d/${name}`}`, text);
  root.write("etc/apt/apt.conf.d/90container", SMALL_APT + settings);
  root.write("etc/dpkg/dpkg.cfg.d/container", NOT_SHIPPED);
  // A package must not start its daemon while an image is built.
  root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
