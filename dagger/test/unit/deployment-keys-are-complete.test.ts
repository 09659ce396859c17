import { createPublicKey, verify } from "node:crypto";
import { nkeys } from "nats";
import { describe, expect, it } from "vitest";
import { createDeploymentKeys } from "../../src/deployment/deployment-keys.ts";
import { createUserNkey } from "../../src/deployment/nkey.ts";
import { parseNatsPermissions } from "../../src/emit/nats-conf.ts";
import { secretVariables } from "../../src/spec/environment.ts";
import { repoSystem, repoText } from "./support/repo.ts";

const roles = Object.keys(parseNatsPermissions(repoText("services/contracts/permissions.json")).roles);

it("an nkey is one that NATS's own library reads", () => {
  const { seed, publicKey } = createUserNkey();
  const pair = nkeys.fromSeed(new TextEncoder().encode(seed));
  expect(pair.getPublicKey()).toBe(publicKey);
  const text = new TextEncoder().encode("nonce");
  expect(nkeys.fromPublic(publicKey).verify(text, pair.sign(text))).toBe(true);
});

describe("the keys of a deployment", () => {
  const system = repoSystem();
  const keys = createDeploymentKeys(system, roles, "sk-test");

  it("hold every secret that a spec names, and nothing else", () => {
    const named = [...system.values()].flatMap((spec) => secretVariables(spec).map(({ secret }) => secret));
    expect(Object.keys(keys.secrets).sort()).toEqual([...new Set(named)].sort());
    expect(keys.secrets["anthropic-api-key"]).toBe("sk-test");
    expect(Object.keys(keys.natsPublicKeys)).toEqual(roles);
  });

  it("give the database's address the password that the database gets", () => {
    const url = new URL(keys.secrets["database-url"] ?? "");
    expect(url.password).toBe(keys.secrets["postgres-password"]);
    expect(url.host).toBe("postgres:5432");
  });

  it("sign a token that the public keys verify", () => {
    const { keys: published } = JSON.parse(keys.config["mcp-public-keys"] ?? "") as {
      keys: [{ kid: string }];
    };
    const [header = "", claims = "", signature = ""] = keys.operatorToken.split(".");
    const key = createPublicKey({ key: published[0], format: "jwk" });
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ kid: published[0].kid });
    expect(verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"))).toBe(
      true,
    );
  });

  it("differ from one deployment to the next", () => {
    const other = createDeploymentKeys(system, roles, "sk-test");
    for (const name of ["mcp-signing-key", "nats-worker-seed", "postgres-password"])
      expect(other.secrets[name]).not.toBe(keys.secrets[name]);
  });
});
