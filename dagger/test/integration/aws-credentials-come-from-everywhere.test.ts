import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkIdentity,
  clientSettings,
  credentialProvider,
  type ReadableSecret,
} from "../../src/adapters/aws-session.ts";
import type { AwsAccess } from "../../src/publication/aws-source.ts";
import { ACCOUNT, accessWith, CANARY, secret } from "./support/api.ts";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/publish`;
const OTHER_ROLE = "arn:aws:iam::210987654321:role/publish";
const PROFILES = `[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = ${CANARY}
[profile work]
role_arn = ${ROLE}
source_profile = default
`;

/** What the address of container credentials was asked with, and when its answers end. */
const container = { authorizations: [] as (string | undefined)[], validFor: 60 * 60 * 1000, status: 200 };
const server = createServer((request, response) => {
  container.authorizations.push(request.headers.authorization);
  const answer = {
    AccessKeyId: "ASIACONTAINER",
    SecretAccessKey: CANARY,
    Token: CANARY,
    Expiration: new Date(Date.now() + container.validFor).toISOString(),
  };
  response.writeHead(container.status).end(JSON.stringify(answer));
});
let uri = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/creds`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function sources(): [string, Partial<AwsAccess<ReadableSecret>>, string][] {
  const token = secret(`${CANARY}\n`);
  return [
    ["keys", {}, ACCOUNT],
    ["keys and a role in another account", { role: { arn: OTHER_ROLE } }, "210987654321"],
    ["a profile", { source: { kind: "profile", file: secret(PROFILES), profile: "default" } }, ACCOUNT],
    [
      "a profile with a role",
      { source: { kind: "profile", file: secret(PROFILES), profile: "work" } },
      ACCOUNT,
    ],
    ["a web identity", { source: { kind: "web-identity", token: secret("a.b.c"), roleArn: ROLE } }, ACCOUNT],
    ["a container", { source: { kind: "container", uri, token } }, ACCOUNT],
  ];
}

it("every source gives an identity that the API knows, and that can log in", async () => {
  for (const [name, more, account] of sources()) {
    const access = accessWith(more);
    expect(await checkIdentity(access), name).toMatchObject({ account });
    const login = await new ECRClient(clientSettings(access)).send(new GetAuthorizationTokenCommand({}));
    expect(login.authorizationData?.[0]?.authorizationToken, name).toBeTruthy();
  }
  expect(container.authorizations).toContain(CANARY);
});

it("temporary credentials say when they end; roles and web identities are temporary", async () => {
  const [, role, , profile, web, box] = sources();
  for (const [name, more] of [role, profile, web, box].filter((source) => source !== undefined)) {
    const { expiration, sessionToken } = await credentialProvider(accessWith(more))();
    expect(expiration?.getTime(), name).toBeGreaterThan(Date.now());
    expect(sessionToken, name).toBeTruthy();
  }
});

it("credentials that are near their end are asked for anew in the middle of a publication", async () => {
  const ask = async (validFor: number) => {
    container.validFor = validFor;
    container.authorizations.length = 0;
    const client = new ECRClient(clientSettings(accessWith({ source: { kind: "container", uri } })));
    for (let call = 0; call < 3; call++) await client.send(new GetAuthorizationTokenCommand({}));
    return container.authorizations.length;
  };
  expect(await ask(60 * 60 * 1000)).toBe(1);
  expect(await ask(60 * 1000)).toBeGreaterThan(1);
});

describe("what is wrong is said", () => {
  it("another account, before anything is built", async () => {
    await expect(checkIdentity(accessWith({ account: "111111111111" }))).rejects.toThrow(
      `MS-ECR-011 the credentials belong to account ${ACCOUNT}`,
    );
  });

  it("an address that refuses, and no secret with it", async () => {
    container.status = 403;
    const source = { kind: "container", uri, token: secret(CANARY) } as const;
    const message = await checkIdentity(accessWith({ source })).catch((error: Error) => error.message);
    container.status = 200;
    expect(message).toMatch(/^MS-ECR-004 /);
    expect(message).toContain("it answered 403");
    expect(message).not.toContain(CANARY);
  });

  it("a role that nobody may take on names the role, and no secret", async () => {
    const role = { arn: OTHER_ROLE };
    container.status = 403;
    const refusing = accessWith({ role, endpoint: new URL(uri).origin });
    const message = await credentialProvider(refusing)().catch((error: Error) => error.message);
    container.status = 200;
    expect(message).toMatch(/^MS-ECR-004 taking on arn:aws:iam::210987654321:role\/publish failed: /);
    expect(message).not.toContain(CANARY);
  });
});
