// One table: code -> HTTP status, JSON-RPC code, gRPC code, WebSocket close code. Texts come from errors.yaml.
import { errorTexts } from "./assets.ts";

interface Mapping {
  readonly http: number;
  readonly jsonRpc: number;
  /** Number of the gRPC status. */
  readonly grpc: number;
  readonly close: number;
}

const TABLE = {
  "MS-GW-001": { http: 401, jsonRpc: -32001, grpc: 16, close: 4401 },
  "MS-GW-002": { http: 403, jsonRpc: -32003, grpc: 7, close: 4403 },
  "MS-GW-003": { http: 400, jsonRpc: -32602, grpc: 3, close: 1008 },
  "MS-GW-004": { http: 404, jsonRpc: -32004, grpc: 5, close: 1008 },
  "MS-GW-005": { http: 503, jsonRpc: -32005, grpc: 14, close: 1013 },
  "MS-GW-006": { http: 429, jsonRpc: -32006, grpc: 8, close: 1013 },
  "MS-GW-007": { http: 403, jsonRpc: -32007, grpc: 7, close: 4403 },
  "MS-GW-008": { http: 413, jsonRpc: -32008, grpc: 8, close: 1009 },
  "MS-GW-009": { http: 503, jsonRpc: -32009, grpc: 8, close: 4409 },
  "MS-GW-010": { http: 503, jsonRpc: -32010, grpc: 14, close: 1001 },
  "MS-GW-011": { http: 404, jsonRpc: -32601, grpc: 12, close: 1008 },
  "MS-GW-012": { http: 503, jsonRpc: -32012, grpc: 8, close: 1013 },
  "MS-GW-013": { http: 503, jsonRpc: -32013, grpc: 14, close: 1013 },
  "MS-GW-014": { http: 500, jsonRpc: -32603, grpc: 13, close: 1011 },
  "MS-GW-015": { http: 404, jsonRpc: -32002, grpc: 5, close: 1008 },
  "MS-GW-020": { http: 400, jsonRpc: -32600, grpc: 3, close: 1008 },
  "MS-GW-021": { http: 400, jsonRpc: -32602, grpc: 3, close: 1007 },
  "MS-GW-022": { http: 400, jsonRpc: -32600, grpc: 1, close: 1008 },
  "MS-GW-023": { http: 503, jsonRpc: -32023, grpc: 8, close: 1013 },
} as const satisfies Record<string, Mapping>;

/** A code that the gateway sends to clients. */
export type GatewayCode = keyof typeof TABLE;

/** Every code of the table, for the test that compares it with errors.yaml. */
export const gatewayCodes = Object.keys(TABLE) as GatewayCode[];

const texts = new Map(errorTexts.map((entry) => [entry.code, entry]));

/** An error as it is sent to clients. */
export interface ErrorBody {
  code: string;
  message: string;
  next: string;
}

/** What a client is told beside the code. */
export interface ErrorExtras {
  /** Seconds after which the request may be sent again. */
  readonly retryAfter?: number;
  /** Scope that the token lacks. */
  readonly scope?: string;
  /** Sequence to resume a subscription from. */
  readonly after?: number;
}

/** A failure with a code; `detail` says what was wrong and where, in words that may reach the client. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: GatewayCode;
  readonly detail: string;
  readonly extras: ErrorExtras;

  constructor(code: GatewayCode, detail: string, extras: ErrorExtras = {}, cause?: unknown) {
    super(describe(code, detail), { cause });
    this.code = code;
    this.detail = detail;
    this.extras = extras;
  }

  /** HTTP status, JSON-RPC code, gRPC code and close code of this error. */
  get mapping(): Mapping {
    return TABLE[this.code];
  }

  /** The error without its extras, as REST, WebSocket and MCP send it. */
  get body(): ErrorBody {
    const { text, next } = entryOf(this.code);
    return { code: this.code, message: this.detail ? `${text}: ${this.detail}` : text, next };
  }
}

/** One line of text: `CODE text: detail. Next: step.` */
export function describe(code: string, detail: string): string {
  const { text, next } = entryOf(code);
  return `${code} ${detail ? `${text}: ${detail}` : text}. Next: ${next}.`;
}

/** Any failure as a GatewayError; one that nobody foresaw becomes MS-GW-014 and keeps its text to the log. */
export function toGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError("MS-GW-014", "", {}, error);
}

function entryOf(code: string): { text: string; next: string } {
  return texts.get(code) ?? { text: "no text", next: "report this" };
}
