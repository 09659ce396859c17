/** The key of the Messages API as a person sets it. */
import { StackError } from "./stack-error.ts";

/** What can stand in an HTTP header and is no quotation mark: a key in quotes is one that a file kept them around. */
const FORM = /^[!#-&(-~]+$/;

/**
 * Takes the key of the environment. White space around it is what copying leaves, and falls off.
 *
 * @returns undefined when there is none
 * @throws StackError MS-STACK-017, without the key, when it cannot be one
 */
export function readApiKey(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const key = env.ANTHROPIC_API_KEY?.trim() ?? "";
  if (key === "") return undefined;
  if (FORM.test(key)) return key;
  const characters = [...key];
  const at = characters.findIndex((character) => !FORM.test(character));
  const name = nameOf(characters[at] ?? "");
  throw new StackError("MS-STACK-017", `ANTHROPIC_API_KEY has ${name} as character ${at + 1}`);
}

function nameOf(character: string): string {
  if (character === "\n" || character === "\r") return "the end of a line";
  if (/["']/.test(character)) return "a quotation mark";
  return /\s/.test(character) ? "white space" : "what no key holds";
}
