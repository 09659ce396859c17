/** Rules that every image keeps. Each looks at the image's configuration or at its files. */
import type { ServiceSpec } from "../spec/service-spec.ts";
import { baseName, type ImageContents, type LayerEntry, mergedRoot } from "./image-contents.ts";
import { covers, type LintPolicy, type LintRule } from "./lint-policy.ts";
import { SECRET_FILES, SECRET_VARIABLE, secretsIn } from "./secret-patterns.ts";

/** One thing that is wrong with an image. */
export interface LintFinding {
  image: string;
  rule: LintRule;
  what: string;
  path?: string;
}

type LintSubject = Pick<ServiceSpec, "name" | "user" | "writablePaths">;
type Found = Omit<LintFinding, "image">;

const SETID_BITS = 0o6000;
const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;
const OWNER_WRITE = 0o200;
const SHELLS = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "csh", "tcsh", "fish", "busybox"]);
const PROGRAM_DIRECTORY = /^(\/usr)?(\/local)?\/s?bin\/[^/]+$/;
const CACHES = [
  /^\/var\/lib\/apt\/lists\/(?!lock$|partial$|auxfiles$)./,
  /^\/var\/cache\/(apt|yum|dnf|apk)\/(?!archives$)./,
  /^\/(root|home\/[^/]+)\/\.(npm|cache|cargo\/registry|yarn|bundle)\/./,
  /^\/(go\/pkg\/mod|cargo\/registry)\/./,
  /\/__pycache__\/./,
];

/**
 * What runs a build puts there: the init of a step, the mark of a container, the resolver of its network, the authorities
 * that its machine trusts.
 */
const OF_THE_BUILDER = /^\/(\.[^/]+|etc\/resolv\.conf|usr\/local\/share\/ca-certificates\/.+)$/;

/** Lints one image; empty when all is well. */
export function lintImage(spec: LintSubject, contents: ImageContents, policy: LintPolicy): LintFinding[] {
  const root = [...mergedRoot(contents.layers).values()];
  const found: Found[] = [
    ...userFindings(spec, contents),
    ...entrypointFindings(contents),
    ...labelFindings(contents, policy),
    ...layerFindings(contents, policy),
    ...setidFindings(root),
    ...secretFindings(contents),
    ...cacheFindings(contents),
    ...builderFindings(contents),
    ...(spec.name in policy.shells ? [] : shellFindings(root)),
    ...writableFindings(spec, root),
  ];
  return found
    .filter(({ rule, path }) => !excepted(policy, spec.name, rule, path))
    .map((finding) => ({ image: spec.name, ...finding }));
}

function excepted(policy: LintPolicy, image: string, rule: LintRule, path: string | undefined): boolean {
  return policy.exceptions.some(
    (entry) => entry.image === image && entry.rule === rule && path !== undefined && covers(entry.path, path),
  );
}

function userFindings({ user }: LintSubject, { config }: ImageContents): Found[] {
  const runsAs = config.config?.User ?? "";
  const [id = ""] = runsAs.split(":");
  if (!/^[1-9]\d*$/.test(id)) return [{ rule: "user", what: `runs as "${runsAs}", not as a number above 0` }];
  return id === String(user) ? [] : [{ rule: "user", what: `runs as ${id}, the spec says ${user}` }];
}

// An image started by a shell does not get the signals, and a relative path depends on who starts it.
function entrypointFindings({ config }: ImageContents): Found[] {
  const { Entrypoint = [], Cmd = [] } = config.config ?? {};
  const [program] = Entrypoint;
  if (program === undefined) return [{ rule: "entrypoint", what: "there is no entrypoint" }];
  const found: Found[] = [];
  if (!program.startsWith("/")) found.push({ rule: "entrypoint", what: `${program} is no absolute path` });
  for (const [place, words] of [
    ["entrypoint", Entrypoint],
    ["command", Cmd],
  ] as const) {
    if (SHELLS.has(baseName(words[0] ?? "")))
      found.push({ rule: "entrypoint", what: `the ${place} is run by a shell` });
  }
  return found;
}

function labelFindings({ config }: ImageContents, { labels }: LintPolicy): Found[] {
  const there = config.config?.Labels ?? {};
  return labels
    .filter((label) => (there[label] ?? "").trim() === "")
    .map((label) => ({ rule: "labels", what: `the label ${label} is missing` }));
}

function layerFindings({ layers }: ImageContents, { maxLayers }: LintPolicy): Found[] {
  if (layers.length <= maxLayers) return [];
  return [{ rule: "layers", what: `${layers.length} layers, ${maxLayers} are allowed` }];
}

function setidFindings(root: readonly LayerEntry[]): Found[] {
  return root
    .filter(({ type, mode }) => type === "file" && (mode & SETID_BITS) !== 0)
    .map(({ path, mode }) => ({ rule: "setuid", what: `mode ${mode.toString(8)}`, path }));
}

// A file that a later layer removes is still in the image for whoever pulls it.
function secretFindings({ config, layers, secrets }: ImageContents): Found[] {
  const byName = layers.flat().filter(({ path }) => SECRET_FILES.some((pattern) => pattern.test(path)));
  const { Env = [], Labels = {}, Entrypoint = [], Cmd = [] } = config.config ?? {};
  const history = (config.history ?? []).map(
    ({ created_by = "", comment = "" }) => `${created_by} ${comment}`,
  );
  const texts = [...Env, ...Object.values(Labels), ...Entrypoint, ...Cmd, ...history];
  const variables = Env.map((pair) => pair.split(/=(.*)/s)).filter(
    ([name = "", value = ""]) => value !== "" && SECRET_VARIABLE.test(name),
  );
  return [
    ...byName.map(({ path }): Found => ({ rule: "secrets", what: "a file that holds credentials", path })),
    ...secrets.map(({ path, pattern }): Found => ({ rule: "secrets", what: `holds a ${pattern}`, path })),
    ...texts
      .flatMap(secretsIn)
      .map((name): Found => ({ rule: "secrets", what: `the configuration holds a ${name}` })),
    ...variables.map(([name]): Found => ({ rule: "secrets", what: `the variable ${name} has a value` })),
  ];
}

function cacheFindings({ layers }: ImageContents): Found[] {
  return layers
    .flat()
    .filter(({ type, path }) => type === "file" && CACHES.some((pattern) => pattern.test(path)))
    .map(({ path }) => ({ rule: "caches", what: "left by a package manager", path }));
}

function builderFindings({ layers }: ImageContents): Found[] {
  return layers
    .flat()
    .filter(({ type, path, size }) => type === "file" && size > 0 && OF_THE_BUILDER.test(path))
    .map(({ path }) => ({ rule: "builder", what: "left by what ran the build", path }));
}

function shellFindings(root: readonly LayerEntry[]): Found[] {
  return root
    .filter(({ path }) => PROGRAM_DIRECTORY.test(path) && SHELLS.has(baseName(path)))
    .map(({ path }) => ({ rule: "shell", what: "this image needs none", path }));
}

function writableFindings({ user, writablePaths }: LintSubject, root: readonly LayerEntry[]): Found[] {
  const declared = writablePaths.map(({ path }) => `${path}/**`);
  return root
    .filter(({ type }) => type === "file" || type === "directory")
    .filter((entry) => mayWrite(user, entry) && !declared.some((pattern) => covers(pattern, entry.path)))
    .map(({ path, mode }) => ({ rule: "writable", what: `mode ${mode.toString(8)}`, path }));
}

function mayWrite(user: number, { uid, gid, mode }: LayerEntry): boolean {
  const bit = uid === user ? OWNER_WRITE : gid === user ? GROUP_WRITE : OTHERS_WRITE;
  return (mode & bit) !== 0;
}
