import { CodedError } from "../shared/coded-error.ts";

const NEXT = {
  "MS-STACK-001": "start Docker, or let `make setup` do it, then run it again",
  "MS-STACK-002": "install the compose plugin of Docker, or Go 1.21 or later, with which it is built",
  "MS-STACK-003": "set ANTHROPIC_API_KEY, or use the stand-in: `make stack DEMO=1`",
  "MS-STACK-004": "read the lines above; `make run` shows whether the images build",
  "MS-STACK-005": "read the lines above and check the free space of Docker",
  "MS-STACK-006": "read the lines above; `make stack-down` removes what was started",
  "MS-STACK-007": "run `make stack-down VOLUMES=1`, which removes the data too, then `make stack`",
  "MS-STACK-008": "give one of up, down",
  "MS-STACK-009": "use the daemon of this machine",
  "MS-STACK-010":
    "free the port, or set another in the file .env of the stack, out/stack/.env unless it has a name; see .env.example beside it",
  "MS-STACK-011":
    "bring the directory with those keys back, or run `make stack-down VOLUMES=1`, which removes the data, then `make stack`",
  "MS-STACK-012":
    "take that one down from its own checkout, or run yours beside it, on ports of its own, as docs/stack.md says: `make stack STACK_NAME=second`",
  "MS-STACK-013":
    "give lower-case letters, digits, - and _, with a letter or digit first, for example STACK_NAME=second",
  "MS-STACK-014": "read what Docker says, then run it again",
  "MS-STACK-015": "make room, or give the directory to the user who runs this, then run it again",
  "MS-STACK-016": "run it as the owner of the files, on a file system that keeps labels",
  "MS-STACK-017": "set ANTHROPIC_API_KEY to the key alone, one word as the console shows it",
} as const;

/** Code of a failure of the stack; the catalogue is services/contracts/errors.yaml. */
export type StackErrorCode = keyof typeof NEXT;

/** All codes with their next step, for the test that compares them with the catalogue. */
export const STACK_NEXT: Readonly<Record<StackErrorCode, string>> = NEXT;

/** Why the stack does not run; the message carries code, cause and next step. */
export class StackError extends CodedError<StackErrorCode> {
  constructor(code: StackErrorCode, cause: string) {
    super(NEXT, code, cause);
  }
}
