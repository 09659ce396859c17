/** Findings of the lint for a terminal. */
import { textTable } from "../text/table.ts";
import type { LintFinding } from "./image-lint.ts";
import { LINT_RULES } from "./lint-policy.ts";

const SHOWN = 60;

/** Writes what was found, or that nothing was. */
export function lintText(images: readonly string[], findings: readonly LintFinding[]): string {
  const verdict = `lint: ${images.length} images, ${LINT_RULES.length} rules, ${findings.length} findings`;
  if (findings.length === 0) return verdict;
  const rows = findings.slice(0, SHOWN).map(({ image, rule, path, what }) => [image, rule, path ?? "", what]);
  const more = findings.length > SHOWN ? [`and ${findings.length - SHOWN} more`] : [];
  return [textTable(["image", "rule", "path", ""], rows), ...more, verdict].join("\n");
}
