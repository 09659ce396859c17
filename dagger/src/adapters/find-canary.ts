/** Builds an image while a secret lies in every step, and looks whether any of it is left. */
import { dag, type Secret } from "@dagger.io/dagger";
import { explained, PipelineError } from "../errors.ts";
import { buildImage } from "./build-images.ts";
import { newNonce } from "./nonce.ts";
import { normaliseImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

const VARIABLE = "MISTERSMITH_CANARY";

/** What may be chosen. */
export interface CanaryOptions {
  /** The value, so that the caller can look for it in logs of the engine; without it one is made. */
  value?: Secret;
  /** Lets a step write it into the image, to see that it is found. */
  leak: boolean;
}

/**
 * Looks for the canary in layers, configuration, history and in the log of a step that prints it.
 *
 * @throws PipelineError MS-SUPPLY-011 with every place where it was found
 */
export async function findCanary(project: Project, name: string, options: CanaryOptions): Promise<string> {
  const value = options.value ?? dag.setSecret("mistersmith-canary", newNonce());
  const watched = project.withBuildSecret({ variable: VARIABLE, value });
  const built = await buildImage(watched, name);
  const image = options.leak ? built.withFile("/leak", leakedFile(watched)) : built;
  const { layout } = await normaliseImage(project, project.spec(name), image);
  const search = project
    .base("node")
    .withDirectory(
      "/steps",
      stepScripts("find-canary.mjs", "read-layout.mjs", "read-tar.mjs", "tar-format.mjs"),
    )
    .withMountedDirectory("/in/layout", layout)
    .withMountedSecret("/run/canary", value)
    .withExec(["node", "/steps/find-canary.mjs", "/in/layout", "/run/canary"]);
  const [places, log, plain] = await explained("MS-SUPPLY-001", `searching ${name}`, () =>
    Promise.all([search.stdout(), printedLog(watched), value.plaintext()]),
  );
  const hits = (JSON.parse(places) as { place: string; form: string }[]).map(
    ({ place, form }) => `${place} (${form})`,
  );
  if (log.includes(plain)) hits.push("the log of a step that prints it");
  if (hits.length > 0) throw new PipelineError("MS-SUPPLY-011", `${name}: ${hits.join("; ")}`);
  return `${name}: the canary was in the environment of every step; it is in no layer, no configuration, no history and no log`;
}

function leakedFile(project: Project) {
  return project
    .base("debian")
    .withExec(["sh", "-c", `printf 'token: %s' "$${VARIABLE}" | base64 >/leak`])
    .file("/leak");
}

function printedLog(project: Project): Promise<string> {
  return project
    .base("debian")
    .withExec(["sh", "-c", `test -n "$${VARIABLE}" && echo "canary $${VARIABLE}"`])
    .stdout();
}
