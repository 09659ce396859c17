/** Finds secrets that stand in a spec in plain text, where every emitter would copy them. */
import type { EnvSpec } from "./service-spec.ts";

/** Keys of a variable whose text ends up in plain files. */
const PLAIN_KEYS = ["default", "wiring", "ecs"] as const;

/** A variable with such a name holds a secret. */
const SECRET_NAME =
  /(^|_)(PASSWORD|PASSPHRASE|SECRET|TOKEN|SEED|API_KEY|ACCESS_KEY|SIGNING_KEY|PRIVATE_KEY)$/;

/** Texts that are a secret whatever the name says. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  [/^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/, "a password in an address"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/^sk-[A-Za-z0-9-]{8,}/, "a key of an API"],
  [/^S[UANOC][A-Z2-7]{56}$/, "an nkey seed"],
  [/^(AKIA|ASIA)[A-Z0-9]{16}$/, "an AWS access key"],
];

/** Says which key holds a secret and why it is one, or undefined when none does. */
export function plainSecretProblem(
  variable: EnvSpec,
): { key: (typeof PLAIN_KEYS)[number]; reason: string } | undefined {
  for (const key of PLAIN_KEYS) {
    const text = variable[key];
    const reason = text === undefined ? undefined : reasonOf(variable, text);
    if (reason !== undefined) return { key, reason };
  }
  return undefined;
}

// The text itself is left out: it would be repeated in logs.
function reasonOf({ name, secret }: EnvSpec, text: string): string | undefined {
  if (secret !== undefined) return `the secret ${secret} stands here in plain text`;
  if (text !== "" && SECRET_NAME.test(name))
    return "a variable of this name is a secret, and it stands here in plain text";
  const kind = SECRET_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  return kind && `${kind} stands here in plain text`;
}
