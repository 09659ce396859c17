/** A page of the hand-off: for a person as Markdown, for a program as JSON. */

/** One page. */
export interface HandOffDocument {
  /** Name of both files, without their endings. */
  name: string;
  title: string;
  /** Markdown below the title. */
  text: string;
  data: unknown;
}

/** Both files of a page. */
export function documentFiles({ name, title, text, data }: HandOffDocument): Record<string, string> {
  return { [`${name}.md`]: `# ${title}\n\n${text.trimEnd()}\n`, [`${name}.json`]: jsonFile(data) };
}

/** JSON as a file. */
export function jsonFile(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
