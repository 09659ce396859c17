/** What secrets look like. The patterns ask for a whole secret: programs name the words alone in their messages. */

/** One kind of secret. */
export interface SecretPattern {
  name: string;
  /** Source of a regular expression without flags. */
  source: string;
}

/** Values of secrets, in files and in configurations. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: "private key",
    source: "-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\s+[A-Za-z0-9+/=\\s]{60,}-----END",
  },
  { name: "AWS access key", source: "\\b(?:AKIA|ASIA)(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\\b" },
  { name: "Anthropic key", source: "sk-ant-[a-z]+[0-9]+-[A-Za-z0-9_-]{40,}" },
  { name: "GitHub token", source: "\\bgh[pousr]_[A-Za-z0-9]{36}\\b" },
  { name: "npm token", source: "\\bnpm_[A-Za-z0-9]{36}\\b" },
  { name: "NATS seed", source: "\\bS[ACNOUX][A-D][A-Z2-7]{55}\\b" },
];

/** Files that hold secrets whatever is in them. */
export const SECRET_FILES: readonly RegExp[] = [
  /\/id_(rsa|dsa|ecdsa|ed25519)$/,
  /\/\.(env|npmrc|netrc|pgpass|git-credentials|pypirc)$/,
  /\/\.docker\/config\.json$/,
  /\/\.aws\/credentials$/,
  /\/\.cargo\/credentials(\.toml)?$/,
  /\/\.git$/,
];

/** Variables that would hold a secret if they had a value. */
export const SECRET_VARIABLE =
  /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|SIGNING_?KEY|SEED|CREDENTIALS)/i;

/** Names of the patterns that a text matches. */
export function secretsIn(text: string): string[] {
  return SECRET_PATTERNS.filter(({ source }) => new RegExp(source).test(text)).map(({ name }) => name);
}
