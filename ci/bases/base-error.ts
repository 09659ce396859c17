const NEXT = {
  "MS-BASE-001": "read the lines above; run the command by hand",
  "MS-BASE-002":
    "install the Rust toolchain of that version with clippy and rustfmt, or change `images.rust` in ci/versions.json",
  "MS-BASE-003": "install the Go toolchain of that version, or change `images.golang` in ci/versions.json",
  "MS-BASE-004":
    "add Debian's sources of that suite under /etc/apt, or change `images.debian` in ci/versions.json",
  "MS-BASE-005": "make the image and the package that fills it agree in ci/versions.json",
  "MS-BASE-007": "give names of that list, or none for all",
  "MS-BASE-006": "run on 64-bit x86 Linux as root, or use a host that reaches a container registry",
} as const;

export type BaseErrorCode = keyof typeof NEXT;

/** A base image could not be built; the message carries code, cause and next step. */
export class BaseError extends Error {
  readonly code: BaseErrorCode;

  constructor(code: BaseErrorCode, cause: string) {
    super(`${code} ${cause}. Next: ${NEXT[code]}.`);
    this.name = "BaseError";
    this.code = code;
  }
}
