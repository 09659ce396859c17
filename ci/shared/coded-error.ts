/** Steps to take, by the code of the error; the catalogue of all codes is services/contracts/errors.yaml. */
export type NextSteps = Readonly<Record<string, string>>;

/** An error whose message carries code, cause and next step; each area of codes derives a class with its table. */
export class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(next: Readonly<Record<Code, string>>, code: Code, cause: string) {
    super(`${code} ${cause}. Next: ${next[code]}.`);
    this.name = new.target.name;
    this.code = code;
  }
}
