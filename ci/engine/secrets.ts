/** Keeping passwords out of what is printed. */

/** The text without the user and password of the addresses in it. */
export function withoutSecrets(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*(?:\/[^\s@"']*)?@/gi, "$1***@");
}
