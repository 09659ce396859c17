/** The part of Docker's API that the harness uses, over the daemon's socket. */
import { request } from "node:http";
import { StackError } from "../../../stack/stack-error.ts";

/** A container as the daemon describes it. */
export interface ContainerInspection {
  Id: string;
  Name: string;
  RestartCount: number;
  State: {
    Status: string;
    Running: boolean;
    OOMKilled: boolean;
    Pid: number;
    ExitCode: number;
    StartedAt: string;
    FinishedAt: string;
    Health?: { Status: string };
  };
  Config: { Labels: Record<string, string> };
  Mounts: { Type: string; Name?: string }[];
  HostConfig: Record<string, unknown>;
  NetworkSettings: {
    Networks: Record<string, { IPAddress: string }>;
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
  };
}

/** A container in a list. */
export interface ContainerEntry {
  Id: string;
  Names: string[];
  Labels: Record<string, string>;
}

/** Something that the daemon noted about a container. */
export interface EngineEvent {
  Action: string;
  timeNano: number;
  Actor: { ID: string; Attributes: { name: string; exitCode?: string } };
}

const MS_PER_SECOND = 1000;
const FRAME_HEAD = 8;
const FRAME_LENGTH_AT = 4;
const STREAMS = { stdout: 1, stderr: 2 } as const;

/** A daemon on this machine. */
export class DockerApi {
  readonly #socket: string;

  constructor(host: string = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock") {
    if (!host.startsWith("unix://"))
      throw new StackError(
        "MS-STACK-009",
        `DOCKER_HOST is ${host}, and the tests look into processes of this machine`,
      );
    this.#socket = host.slice("unix://".length);
  }

  /** Describes a container; undefined when there is none. */
  async inspect(name: string): Promise<ContainerInspection | undefined> {
    const { status, body } = await this.#call("GET", `/containers/${name}/json`);
    if (status === 404) return undefined;
    return parsed(status, body) as ContainerInspection;
  }

  /** Every container of a compose project, also those that ended. */
  async list(project: string): Promise<ContainerEntry[]> {
    const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
    const { status, body } = await this.#call(
      "GET",
      `/containers/json?all=1&filters=${encodeURIComponent(filters)}`,
    );
    return parsed(status, body) as ContainerEntry[];
  }

  /** Size of an image's files, bytes. */
  async imageBytes(reference: string): Promise<number> {
    const { status, body } = await this.#call("GET", `/images/${reference}/json`);
    return (parsed(status, body) as { Size: number }).Size;
  }

  /** Does something to a container: start, pause, unpause, kill?signal=TERM. */
  async act(id: string, action: string): Promise<void> {
    const { status, body } = await this.#call("POST", `/containers/${id}/${action}`);
    if (status >= 400) throw new Error(`${action} of ${id}: ${status} ${body.toString("utf8")}`);
  }

  /** Waits until a container does not run. The code of the answer may be that of the start after it: see `events`. */
  async wait(id: string): Promise<void> {
    const { status, body } = await this.#call("POST", `/containers/${id}/wait`);
    parsed(status, body);
  }

  /**
   * What the daemon noted since a moment, the oldest first; it keeps a few hundred notes.
   *
   * @param filters as in `docker events --filter`
   * @param since ms since 1970
   */
  async events(filters: Readonly<Record<string, readonly string[]>>, since: number): Promise<EngineEvent[]> {
    const seconds = (ms: number) => (ms / MS_PER_SECOND).toFixed(3);
    const query = new URLSearchParams({
      since: seconds(since),
      until: seconds(Date.now()),
      filters: JSON.stringify({ type: ["container"], ...filters }),
    });
    const { status, body } = await this.#call("GET", `/events?${query}`);
    if (status >= 400) parsed(status, body);
    const lines = body.toString("utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as EngineEvent);
  }

  /** What a container wrote on one of its streams. */
  async logs(id: string, stream: keyof typeof STREAMS): Promise<string> {
    const { body } = await this.#call("GET", `/containers/${id}/logs?${stream}=1`);
    return textOf(body, stream);
  }

  #call(method: string, path: string): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.#socket, method, path }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.once("error", reject);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      sent.once("error", reject);
      sent.end();
    });
  }
}

/** Takes one stream out of the daemon's frames: stream, three zeros, length, text. */
export function textOf(frames: Buffer, stream: keyof typeof STREAMS): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + FRAME_HEAD <= frames.length; ) {
    const length = frames.readUInt32BE(at + FRAME_LENGTH_AT);
    const end = at + FRAME_HEAD + length;
    if (frames[at] === STREAMS[stream]) pieces.push(frames.subarray(at + FRAME_HEAD, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}

function parsed(status: number, body: Buffer): unknown {
  const text = body.toString("utf8");
  if (status >= 400) throw new Error(`the Docker daemon answered ${status}: ${text.trim()}`);
  return JSON.parse(text);
}
