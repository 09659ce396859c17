/** SPDX licence expressions: which of the licences it names are enough to use the package. */

/** A licence, or several of which all or one must be kept. */
export type LicenceExpression =
  | { kind: "licence"; id: string }
  | { kind: "AND" | "OR"; parts: LicenceExpression[] };

/**
 * Reads an expression; AND binds more than OR, and WITH belongs to its licence.
 *
 * @throws when it is none
 */
export function parseExpression(text: string): LicenceExpression {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const chain = (kind: "AND" | "OR", next: () => LicenceExpression): LicenceExpression => {
    const parts = [next()];
    while (words[at]?.toUpperCase() === kind) {
      at += 1;
      parts.push(next());
    }
    return parts.length === 1 ? (parts[0] as LicenceExpression) : { kind, parts };
  };
  const alternatives = (): LicenceExpression => chain("OR", () => chain("AND", single));
  const single = (): LicenceExpression => {
    const word = words[at];
    at += 1;
    if (word === "(") {
      const inner = alternatives();
      if (words[at] !== ")") throw new Error(`a bracket is open in "${text}"`);
      at += 1;
      return inner;
    }
    if (word === undefined || word === ")" || /^(AND|OR|WITH)$/i.test(word))
      throw new Error(`a licence is missing in "${text}"`);
    if (words[at]?.toUpperCase() !== "WITH") return { kind: "licence", id: word };
    const exception = words[at + 1];
    if (exception === undefined) throw new Error(`an exception is missing in "${text}"`);
    at += 2;
    return { kind: "licence", id: `${word} WITH ${exception}` };
  };
  const expression = alternatives();
  if (at !== words.length) throw new Error(`"${words[at]}" is too much in "${text}"`);
  return expression;
}

/** Whether a package may be used when some licences are allowed. */
export function satisfied(expression: LicenceExpression, allowed: (id: string) => boolean): boolean {
  if (expression.kind === "licence") return allowed(expression.id);
  const holds = (part: LicenceExpression) => satisfied(part, allowed);
  return expression.kind === "AND" ? expression.parts.every(holds) : expression.parts.some(holds);
}
