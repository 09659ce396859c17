/** A target as text and the engine's objects apart: the form in which an object of the facade can keep it. */

/** What an object of the facade keeps. Secrets stay objects of the engine; the text holds none. */
export interface PackedTarget<Secret, File> {
  text: string;
  secrets: Secret[];
  files: File[];
}

/** Takes the engine's objects out; each is known by what it can do. */
export function packTarget<Secret, File>(target: object): PackedTarget<Secret, File> {
  const secrets: Secret[] = [];
  const files: File[] = [];
  const pack = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("plaintext" in value) return { $secret: secrets.push(value as Secret) - 1 };
    if ("contents" in value) return { $file: files.push(value as File) - 1 };
    if (Array.isArray(value)) return value.map(pack);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, pack(inner)]));
  };
  return { text: JSON.stringify(pack(target)), secrets, files };
}

/** Puts them in again. */
export function unpackTarget<Target, Secret = unknown, File = unknown>(
  packed: PackedTarget<Secret, File>,
): Target {
  return JSON.parse(packed.text, (_key, value) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$secret" in value) return packed.secrets[value.$secret];
    return "$file" in value ? packed.files[value.$file] : value;
  }) as Target;
}
