import { describe, expect, it } from "vitest";
import { explain } from "../../src/errors.ts";
import { isUnauthorized, mayPass } from "../../src/publication/retry.ts";

const crane = (stderr: string) =>
  explain(
    "MS-ECR-005",
    "pushing",
    Object.assign(new Error("exit code: 1"), {
      name: "ExecError",
      cmd: ["crane"],
      exitCode: 1,
      stdout: "",
      stderr,
    }),
  );
const api = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe("a failure may pass", () => {
  it.each<[string, unknown]>([
    ["throttling", api("ThrottlingException", 400)],
    ["too many requests", api("Whatever", 429)],
    ["a fault of the server", api("ServerException", 500)],
    ["a connection that broke", Object.assign(new Error("read"), { code: "ECONNRESET" })],
    ["a name server that is busy", Object.assign(new Error("getaddrinfo EAI_AGAIN"), { code: "EAI_AGAIN" })],
    ["a request that took too long", Object.assign(new Error("aborted"), { name: "TimeoutError" })],
    ["one inside an error with a code", explain("MS-ECR-004", "asking", api("ServerException", 503))],
    ["a busy registry", crane("PUT https://r/v2/a: TOOMANYREQUESTS: Rate exceeded")],
    ["an ill registry", crane("PUT https://r/v2/a: unexpected status code 503 Service Unavailable")],
    ["a registry that hung up", crane("Patch http://r/v2/: write tcp: connection reset by peer")],
  ])("%s", (_name, error) => expect(mayPass(error)).toBe(true));
});

describe("a failure stays", () => {
  it.each<[string, unknown]>([
    ["no right", api("AccessDeniedException", 400)],
    ["a signature", api("InvalidSignatureException", 403)],
    ["a layer that is refused", crane("PUT https://r/v2/a: unexpected status code 403 Forbidden: DENIED")],
    ["an unknown authority", crane("x509: certificate signed by unknown authority")],
    ["something that is no error", undefined],
  ])("%s", (_name, error) => expect(mayPass(error)).toBe(false));
});

it("a login that was not taken is told from a right that is missing", () => {
  expect(isUnauthorized(crane("DENIED: Your authorization token has expired. Reauthenticate"))).toBe(true);
  expect(isUnauthorized(crane("UNAUTHORIZED: authentication required"))).toBe(true);
  expect(isUnauthorized(crane("HEAD https://r/v2/a/manifests/1: unexpected status code 403 Forbidden"))).toBe(
    true,
  );
  expect(isUnauthorized(crane("DENIED: User is not authorized to perform ecr:PutImage"))).toBe(false);
});
