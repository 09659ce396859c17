import { CodedError } from "../shared/coded-error.ts";

const NEXT = {
  "MS-BASE-001": "check that the registry runs and has room, then run the same command again",
  "MS-BASE-002":
    "install the Rust toolchain of that version with clippy and rustfmt, or change `images.rust` in ci/versions.json",
  "MS-BASE-003": "install the Go toolchain of that version, or change `images.golang` in ci/versions.json",
  "MS-BASE-004":
    "add Debian's sources of that suite under /etc/apt, or change `images.debian` in ci/versions.json",
  "MS-BASE-005": "make them agree in ci/versions.json, and the go.mod that is named",
  "MS-BASE-006": "run as root on 64-bit x86 Linux, or use a host that reaches a container registry",
  "MS-BASE-007": "give names of the list, or none for all",
} as const;

export type BaseErrorCode = keyof typeof NEXT;

/** A base image could not be built; the message carries code, cause and next step. */
export class BaseError extends CodedError<BaseErrorCode> {
  constructor(code: BaseErrorCode, cause: string) {
    super(NEXT, code, cause);
  }
}

/** All codes with their next steps, for the test that compares them with the public table. */
export const BASE_ERRORS: Readonly<Record<BaseErrorCode, string>> = NEXT;
