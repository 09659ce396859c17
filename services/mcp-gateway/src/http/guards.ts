// What is checked before anything of a request is believed: Host and Origin, against DNS rebinding. Pure.
import { GatewayError } from "../errors.ts";

/** Which hosts are served and which pages may call. */
export interface GuardOptions {
  /** Values of the Host header with or without port; `*` serves any. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/** The headers that are looked at. */
export interface GuardedHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/** @throws GatewayError MS-GW-007 when a browser may have been tricked into sending the request */
export function checkHostAndOrigin({ host = "", origin }: GuardedHeaders, options: GuardOptions): void {
  const name = host.toLowerCase();
  const known = [name, name.replace(/:\d+$/, "")].some((value) => options.allowedHosts.includes(value));
  if (!known && !options.allowedHosts.includes("*")) {
    throw new GatewayError("MS-GW-007", `Host ${JSON.stringify(host)}`);
  }
  if (origin !== undefined && !isOwn(origin, name) && !isAllowed(origin, options)) {
    throw new GatewayError("MS-GW-007", `Origin ${JSON.stringify(origin)}`);
  }
}

/** Headers that let a page of an allowed origin read the answer; empty for every other request. */
export function corsHeaders(origin: string | undefined, options: GuardOptions): Record<string, string> {
  if (origin === undefined || !isAllowed(origin, options)) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers":
      "authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, traceparent",
    "access-control-expose-headers": "www-authenticate, retry-after",
    vary: "origin",
  };
}

function isAllowed(origin: string, { allowedOrigins }: GuardOptions): boolean {
  return allowedOrigins.includes(origin.toLowerCase());
}

function isOwn(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
