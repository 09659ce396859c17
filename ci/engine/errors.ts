/** An error that a person can act on: a code, what is wrong, and the next step. */
export class CodedError extends Error {
  readonly code: string;

  /**
   * @param code stable code, MS-AREA-NNN, listed in services/contracts/errors.yaml
   * @param what what was wrong, and where
   * @param next what to do
   */
  constructor(code: string, what: string, next: string) {
    super(`${code} ${what}. Next: ${next}`);
    this.name = "CodedError";
    this.code = code;
  }
}
