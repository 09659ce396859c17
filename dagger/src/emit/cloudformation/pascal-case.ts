/** Turns what the ECS API takes into what CloudFormation takes: the same, with other capitals. */

/** Keys that are not only written with a capital. */
const IRREGULAR: Readonly<Record<string, string>> = {
  efsVolumeConfiguration: "EFSVolumeConfiguration",
  fileSystemId: "FilesystemId",
  iam: "IAM",
};

/** Keys whose content belongs to the log driver, not to the API. */
const VERBATIM: ReadonlySet<string> = new Set(["options"]);

/** Converts every key; texts and expressions stay. */
export function pascalCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascalCase);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    IRREGULAR[key] ?? key.charAt(0).toUpperCase() + key.slice(1),
    VERBATIM.has(key) ? inner : pascalCase(inner),
  ]);
  return Object.fromEntries(entries);
}

/** Tags as most services of AWS write them. */
export function pascalTags(tags: readonly object[]): unknown {
  return pascalCase(tags);
}
