import { CodedError } from "../shared/coded-error.ts";

const NEXT = {
  "MS-ENGINE-001": "read the lines above and the whole log; `make setup` continues from this step",
  "MS-ENGINE-002":
    "run as root on 64-bit x86 Debian, or use a machine with Docker that reaches a container registry",
  "MS-ENGINE-003": "check apt's sources and the network, then run `make setup` again",
  "MS-ENGINE-004":
    "read the log; a machine that cannot run containers needs a Docker daemon from elsewhere (DOCKER_HOST)",
  "MS-ENGINE-005":
    "install Go 1.21 or later, or Dagger's own command of the version in ci/versions.json, then run `make setup` again",
  "MS-ENGINE-006": "read the log; `make clean` and `make setup` start from nothing",
  "MS-ENGINE-007": "read the log, and free the port or set MISTERSMITH_REGISTRY_PORT",
  "MS-ENGINE-008": "end that process, then run it again",
  "MS-ENGINE-009": "give one of up, down, clean, status",
  "MS-ENGINE-010": "install Node.js 20 or newer with npm, then run it again",
  "MS-ENGINE-011": "end what still uses it (`fuser -vm`), then run `make clean` again",
} as const;

export type EngineErrorCode = keyof typeof NEXT;

/** Why there is no engine; the message carries code, cause and next step. */
export class EngineError extends CodedError<EngineErrorCode> {
  constructor(code: EngineErrorCode, cause: string) {
    super(NEXT, code, cause);
  }
}

/** All codes with their next steps, for the test that compares them with the public table. */
export const ENGINE_ERRORS: Readonly<Record<EngineErrorCode, string>> = NEXT;
