/** Log lines of a service, and what is wrong with them. */
/** One line. */
export interface LogLine {
  file: string;
  number: number;
  text: string;
  /** Undefined when it is no JSON object. */
  fields: Record<string, unknown> | undefined;
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const LEVELS = ["trace", "debug", "info", "warn", "error"];

/** Splits and parses. */
export function parseLines(file: string, text: string): LogLine[] {
  return text
    .split("\n")
    .map((line, index) => ({ file, number: index + 1, text: line, fields: parseObject(line) }))
    .filter((line) => line.text !== "");
}

/** Says what a line lacks, or undefined when it is as the contract wants it. */
export function problemOf(line: LogLine): string | undefined {
  const where = `${line.file}:${line.number}`;
  const { fields } = line;
  if (!fields) return `${where} is no JSON object: ${line.text.slice(0, 120)}`;
  if (typeof fields.time !== "string" || !RFC3339.test(fields.time))
    return `${where} has no time as RFC 3339`;
  if (!LEVELS.includes(String(fields.level).toLowerCase())) return `${where} has the level ${fields.level}`;
  for (const name of ["service", "msg"])
    if (typeof fields[name] !== "string" || fields[name] === "") return `${where} has no ${name}`;
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
