import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { BaseError } from "./base-error.ts";
import { LAYOUT_TAG } from "./build-base.ts";
import type { Reference } from "./versions.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const LAST_LINES = 5;

/**
 * Push an OCI layout to a registry that speaks plain HTTP, under the name by which a mirror of docker.io serves it.
 * Nothing is sent when the registry has it.
 */
export async function push(
  layout: string,
  registry: string,
  { repository, tag }: Reference,
): Promise<"pushed" | "present"> {
  const path = `library/${repository}`;
  if ((await digestAt(registry, path, tag)) === digestOf(layout)) return "present";
  const to = `docker://${registry}/${path}:${tag}`;
  const args = ["copy", "--quiet", "--dest-tls-verify=false", `oci:${layout}:${LAYOUT_TAG}`, to];
  const { exitCode, stderr } = await runCommand("skopeo", args);
  if (exitCode === 0) return "pushed";
  const last = stderr.trim().split("\n").slice(-LAST_LINES).join("\n");
  throw new BaseError("MS-BASE-001", `skopeo could not push ${to} (exit ${exitCode}):\n${last}`);
}

function digestOf(layout: string): string | undefined {
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  return index.manifests[0]?.digest;
}

async function digestAt(registry: string, path: string, tag: string): Promise<string | null> {
  const url = `http://${registry}/v2/${path}/manifests/${tag}`;
  const answer = await fetch(url, { method: "HEAD", headers: { Accept: MANIFEST } }).catch(() => undefined);
  return answer?.ok === true ? answer.headers.get("docker-content-digest") : null;
}
