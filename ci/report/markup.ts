/** Text inside of XML and HTML. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes a text safe in an element or an attribute; characters that XML forbids are dropped. */
export function escapeMarkup(text: string): string {
  const allowed = [...text]
    .filter((character) => character >= " " || character === "\n" || character === "\t")
    .join("");
  return allowed.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
