import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseMaterial, provenanceStatement } from "../../dagger/src/supply-chain/provenance.ts";
import { type RegistryAnswers, verificationProblems } from "../../dagger/src/supply-chain/verification.ts";
import { type TestImage, testImage } from "./harness/bill.ts";
import { run, runStep, testRegistry, Workplace } from "./harness/steps.ts";

const work = new Workplace();
afterAll(() => work.remove());

const ORIGIN = { source: "https://github.com/owner/repo", revision: "a".repeat(40), builder: "urn:test" };
const BASE = `debian:12@sha256:${"11".repeat(32)}`;
const PROXY = fileURLToPath(new URL("harness/tampering-proxy.mjs", import.meta.url));
const SIGNER = { COSIGN_KEY: work.file("good.key"), COSIGN_PASSWORD: "test", INSECURE: "1" };

function keyPair(name: string): void {
  const { status, text } = run("cosign", "generate-key-pair", "--output-key-prefix", work.file(name));
  if (status !== 0) throw new Error(text);
}

interface Published extends TestImage {
  repository: string;
}

/** An image of its own in a repository of its own. */
function publish(content: string): Published {
  const name = `test-${randomUUID()}`;
  const repository = `${testRegistry()}/${name}`;
  const image = testImage(work, name, [{ "app/run": { content } }]);
  const pushed = run("crane", "push", "--insecure", image.layout, `${repository}:latest`);
  if (pushed.status !== 0) throw new Error(pushed.text);
  return { ...image, repository };
}

function proofs({ digest }: Published): { provenance: string; predicate: string; sbom: string } {
  const subject = { repository: "mistersmith/shop", digest };
  const origin = { ...ORIGIN, release: "1.4.0", engine: "v0.19.10" };
  const statement = provenanceStatement(subject, origin, [baseMaterial("debian:12", BASE, false)]);
  const files = {
    provenance: work.file("provenance.intoto.json"),
    predicate: work.file("predicate.json"),
    sbom: work.file("sbom.spdx.json"),
  };
  writeFileSync(files.provenance, JSON.stringify(statement));
  writeFileSync(files.predicate, JSON.stringify(statement.predicate));
  writeFileSync(
    files.sbom,
    JSON.stringify({ spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", packages: [] }),
  );
  return files;
}

function sign(image: Published, types = ["slsaprovenance1", "spdxjson"]): void {
  const { predicate, sbom } = proofs(image);
  const attestations = types.map((type) => `${type}=${type === "spdxjson" ? sbom : predicate}`);
  runStep("sign-image.mjs", [`${image.repository}@${image.digest}`, ...attestations], SIGNER);
}

function codes(
  { repository, digest }: Published,
  options: { key?: string; revision?: string } = {},
): string[] {
  const out = work.file("answers.json");
  const env = { COSIGN_PUBLIC_KEY: work.file(`${options.key ?? "good"}.pub`), INSECURE: "1" };
  runStep("verify-image.mjs", [repository, "latest", digest, out], env);
  const answers = JSON.parse(readFileSync(out, "utf8")) as RegistryAnswers;
  const origin = { ...ORIGIN, ...(options.revision && { revision: options.revision }) };
  return verificationProblems({ repository, tag: "latest", digest, origin }, answers).map(({ code }) => code);
}

let signed: Published;
beforeAll(() => {
  keyPair("good");
  keyPair("other");
  signed = publish("signed");
  sign(signed);
});

describe("an image", () => {
  it("is verified when it is signed and attested with the key", () => {
    expect(codes(signed)).toEqual([]);
  });

  it("signed again stays as it is: nothing is doubled", () => {
    const before = referrers(signed);
    sign(signed);
    expect(referrers(signed)).toEqual(before);
  });

  it("is refused by a wrong key: -007, and its attestations with it", () => {
    expect(codes(signed, { key: "other" })).toEqual(["MS-SUPPLY-007", "MS-SUPPLY-008", "MS-SUPPLY-008"]);
  });

  it("is refused with another revision: -009", () => {
    expect(codes(signed, { revision: "b".repeat(40) })).toEqual(["MS-SUPPLY-009"]);
  });

  it("is refused when its tag names another: -010", () => {
    const image = publish("mine");
    sign(image);
    const other = testImage(work, "intruder", [{ "app/run": { content: "evil" } }]);
    run("crane", "push", "--insecure", other.layout, `${image.repository}:latest`);
    expect(codes(image)).toEqual(["MS-SUPPLY-010"]);
  });

  it("is refused when its content was changed in the registry: -010", async () => {
    const [layer = ""] = layersOf(signed);
    const proxy = spawn(process.execPath, [PROXY, testRegistry(), layer], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const [port] = (await once(proxy.stdout, "data")) as [Buffer];
      const name = signed.repository.slice(signed.repository.indexOf("/"));
      const changed = { ...signed, repository: `127.0.0.1:${port.toString().trim()}${name}` };
      expect(codes(changed)).toEqual(["MS-SUPPLY-010"]);
    } finally {
      proxy.stdin.end();
    }
  });

  it("is refused without a signature and attestations", () => {
    expect(codes(publish("bare"))).toEqual(["MS-SUPPLY-007", "MS-SUPPLY-008", "MS-SUPPLY-008"]);
  });

  it.each(["slsaprovenance1", "spdxjson"])("is refused with no attestation but %s: -008", (type) => {
    const image = publish(`only ${type}`);
    sign(image, [type]);
    expect(codes(image)).toEqual(["MS-SUPPLY-008"]);
  });
});

it("SBOM and provenance are referrers of the image, once however often they are attached", () => {
  const image = publish("referred");
  const { provenance, sbom } = proofs(image);
  const attach = (file: string, type: string) =>
    runStep("attach-referrer.mjs", [image.repository, image.layout, file, type, "--insecure"]).trim();
  const first = attach(sbom, "application/spdx+json");
  attach(provenance, "application/vnd.in-toto+json");
  expect(attach(sbom, "application/spdx+json")).toBe(first);
  expect(
    referrers(image)
      .map(({ artifactType }) => artifactType)
      .sort(),
  ).toEqual(["application/spdx+json", "application/vnd.in-toto+json"]);
});

function layersOf({ repository, digest }: Published): string[] {
  const { text } = run("crane", "manifest", "--insecure", `${repository}@${digest}`);
  return (JSON.parse(text) as { layers: { digest: string }[] }).layers.map((layer) => layer.digest);
}

interface Referrer {
  digest: string;
  artifactType: string;
}

/** What a registry without a referrers API keeps under the fallback tag. */
function referrers({ repository, digest }: Published): Referrer[] {
  const { status, text } = run(
    "crane",
    "manifest",
    "--insecure",
    `${repository}:${digest.replace(":", "-")}`,
  );
  if (status !== 0) throw new Error(text);
  return (JSON.parse(text) as { manifests: Referrer[] }).manifests.map((entry) => ({
    digest: entry.digest,
    artifactType: entry.artifactType,
  }));
}
