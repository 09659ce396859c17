/** Versions of the dagger command. */

/** Whether version `a` is `b` or a later one. */
export function isAtLeast(a: string, b: string): boolean {
  const parts = (version: string) => version.replace(/^v/, "").split(/[.-]/).slice(0, 3).map(Number);
  const [left, right] = [parts(a), parts(b)];
  const index = left.findIndex((part, at) => part !== right[at]);
  return index < 0 || (left[index] ?? 0) > (right[index] ?? 0);
}

/** The version in what `dagger version` prints. */
export function versionIn(output: string): string | undefined {
  return /\bv\d+\.\d+\.\d+\S*/.exec(output)?.[0];
}
