// What is checked before anything of a request is believed: its target, and Host and Origin, against DNS rebinding. Pure.
import { GatewayError } from "../errors.ts";
import { checkTarget } from "../unicode.ts";

/**
 * The target of a request as URL.
 * @throws GatewayError MS-GW-020 when it is none, MS-GW-021 when a parameter is not valid Unicode
 */
export function targetOf(target = "/"): URL {
  checkTarget(target);
  // Put behind a host, not resolved against one: `//x` is a path here, and no other host.
  const url = URL.parse(target.startsWith("/") ? `http://gateway${target}` : target);
  if (url === null) throw new GatewayError("MS-GW-020", `target ${JSON.stringify(target.slice(0, SHOWN))}`);
  return url;
}

/** @throws GatewayError MS-GW-020 when no URL can be made with the host */
export function checkHostForm(host: string | undefined): void {
  const url = URL.parse(`http://${host ?? ""}/`);
  if (url === null || url.pathname !== "/" || url.username !== "" || url.search !== "") {
    throw new GatewayError("MS-GW-020", `host ${JSON.stringify((host ?? "").slice(0, SHOWN))}`);
  }
}

/** Part of a wrong value that an error shows. */
const SHOWN = 80;

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

/** @throws GatewayError MS-GW-020 when Host is none, MS-GW-007 when a browser may have been tricked into sending this */
export function checkHostAndOrigin({ host = "", origin }: GuardedHeaders, options: GuardOptions): void {
  checkHostForm(host);
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
