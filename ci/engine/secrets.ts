/** Keeping passwords out of what is printed. */

/** The text without the user and password of the addresses in it. A password may hold any character: up to the last @ of the word. */
export function withoutSecrets(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)\S*@/gi, "$1***@");
}
