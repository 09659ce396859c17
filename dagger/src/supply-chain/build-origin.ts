/** Reads what a caller says about where a build comes from. */
import { PipelineError } from "../errors.ts";
import type { BuildOrigin } from "./provenance.ts";

/** Builder of a person's machine; a CI names its workflow. */
export const LOCAL_BUILDER = "urn:mistersmith:builder:local";

/**
 * Checks and cleans it.
 *
 * @throws PipelineError MS-SUPPLY-013: a provenance that says "unknown" proves nothing
 */
export function buildOrigin(given: BuildOrigin): BuildOrigin {
  const problems: string[] = [];
  if (!/^[0-9a-f]{40}$/.test(given.revision))
    problems.push(`--revision is no commit of 40 hex digits but "${given.revision}"`);
  const source = address(given.source);
  if (!source) problems.push(`--source-url is no https address but "${given.source}"`);
  if (!URL.canParse(given.builder)) problems.push(`--builder is no URI but "${given.builder}"`);
  if (problems.length > 0) throw new PipelineError("MS-SUPPLY-013", problems.join("; "));
  return { ...given, source: source ?? "" };
}

// A remote may carry credentials; they belong into no statement.
function address(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "https:") return undefined;
  url.username = "";
  url.password = "";
  return url.href.replace(/\.git$/, "").replace(/\/$/, "");
}
