import type { Directory } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { Publication } from "../../src/facade/publication.ts";
import { planJson } from "../../src/publication/plan-file.ts";
import { planText } from "../../src/publication/plan-text.ts";
import { missingConsent, needsConsent, refuseWithoutConsent } from "../../src/supply-chain/consent.ts";

const at = (address: string) => ({ kind: "registry" as const, address });

it.each(["ghcr.io/me", "registry.example.com/team", "public.ecr.aws/x1y2", "8.8.8.8:5000"])(
  "the worker's image asks for consent at %s, the others do not",
  (address) => {
    expect(needsConsent(at(address), "claude-worker")).toBe(true);
    expect(needsConsent(at(address), "supervisor")).toBe(false);
  },
);

it.each([
  "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
  "localhost:5000",
  "127.0.0.1:5000/x",
  "registry:5000",
  "10.1.2.3:5000",
  "172.20.0.1",
  "harbor.corp.internal/team",
])("a registry that cannot be public is no question: %s", (address) => {
  expect(needsConsent(at(address), "claude-worker")).toBe(false);
});

it("neither is the graph's own registry, nor an account's ECR", () => {
  expect(needsConsent({ kind: "local" }, "claude-worker")).toBe(false);
  expect(needsConsent({ kind: "ecr" }, "claude-worker")).toBe(false);
});

it("a host that only looks private is public", () => {
  expect(needsConsent(at("amazonaws.com.example.org/x"), "claude-worker")).toBe(true);
  expect(needsConsent(at("localhost.example.org"), "claude-worker")).toBe(true);
});

it("without consent nothing is published, with it everything", () => {
  const images = ["supervisor", "claude-worker"];
  expect(() => refuseWithoutConsent(at("ghcr.io/me"), images, false)).toThrow(
    /^MS-SUPPLY-012 ghcr.io\/me may be public, and claude-worker holds the Claude CLI .*--accept-claude-terms/,
  );
  expect(() => refuseWithoutConsent(at("ghcr.io/me"), images, true)).not.toThrow();
  expect(() => refuseWithoutConsent(at("ghcr.io/me"), ["supervisor"], false)).not.toThrow();
});

it("publish refuses before it looks at the sources or at the registry; with consent it goes on", async () => {
  const contents = () => Promise.reject(new Error("the sources are read"));
  const source = { file: () => ({ contents }) } as unknown as Directory;
  const publication = new Publication(source, {}, at("ghcr.io/me"));
  await expect(publication.publish()).rejects.toThrow(/^MS-SUPPLY-012 ghcr.io\/me may be public/);
  await expect(publication.publish(undefined, undefined, true)).rejects.toThrow("the sources are read");
});

it("the plan shows what publish would refuse, and counts it", () => {
  const unconsented = missingConsent(at("ghcr.io/me"), ["supervisor", "claude-worker"], false);
  const plan = { address: "ghcr.io/me", repositories: [], tags: [], unconsented };
  expect(planText(plan, false)).toMatch(
    /^! claude-worker {2}--accept-claude-terms is missing: .* Claude CLI .*\n.*, 1 refused$/m,
  );
  expect(JSON.parse(planJson(plan))).toMatchObject({ unconsented: [{ image: "claude-worker" }] });
  expect(planText({ ...plan, unconsented: [] }, false)).not.toContain("refused");
});
