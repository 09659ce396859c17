import { CodedError } from "../shared/coded-error.ts";

const NEXT = {
  "MS-ENGINE-001": "read the lines above and the whole log; `make setup` continues from this step",
  "MS-ENGINE-002":
    "install Docker, which must reach a container registry, or run it as root on 64-bit x86 Debian 12",
  "MS-ENGINE-003": "check apt's sources and the network, then run `make setup` again",
  "MS-ENGINE-004":
    "read the log; a machine that cannot run containers needs a Docker daemon from elsewhere (DOCKER_HOST)",
  "MS-ENGINE-005":
    "install Go 1.21 or later, or Dagger's own command of the version in ci/versions.json, then run `make setup` again",
  "MS-ENGINE-006": "read the log; `make clean` and `make setup` start from nothing",
  "MS-ENGINE-007": "read the log, and free the port or set MISTERSMITH_REGISTRY_PORT",
  "MS-ENGINE-008": "end that process, then run it again",
  "MS-ENGINE-009": "give one of up, down, clean, status",
  "MS-ENGINE-010":
    "install Node.js with npm (package.json says which version under `engines`), or run it as root on Debian or Ubuntu; then run it again",
  "MS-ENGINE-011": "end what still uses it (`fuser -vm`), then run `make clean` again",
  "MS-ENGINE-012":
    "put yourself into Docker's group (`sudo usermod -aG docker $USER`), log in again, then run `make setup` again",
  "MS-ENGINE-013":
    "start it (`sudo systemctl start docker`, `sudo service docker start`, or Docker Desktop), then run `make setup` again",
  "MS-ENGINE-014": "check DOCKER_HOST and `docker context ls` until `docker version` shows a server",
  "MS-ENGINE-015": "run `docker login`, or wait until the limit has passed, then run `make setup` again",
  "MS-ENGINE-016":
    "let Docker's daemon trust the authority (the system's store, then restart Docker), then run `make setup` again",
  "MS-ENGINE-017":
    "check the network and the proxy of Docker's daemon (`docker info` names it), then run `make setup` again",
  "MS-ENGINE-018":
    "mend what Docker's words say until `docker pull` gets this image, then run `make setup` again",
  "MS-ENGINE-019":
    "give an address that a container reaches, for example http://172.17.0.1:3128, or take the variable away",
  "MS-ENGINE-020": "set MISTERSMITH_STATE to a folder that you can write, for example /var/tmp/mistersmith",
  "MS-ENGINE-021":
    "read the reason; the folder must be on a disk that knows locks (MISTERSMITH_STATE sets another), and `flock` on the PATH that of util-linux or busybox",
  "MS-ENGINE-022": "read npm's words above (network, proxy, disk), then run it again",
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
