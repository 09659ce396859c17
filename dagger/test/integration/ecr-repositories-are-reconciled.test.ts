import { randomUUID } from "node:crypto";
import {
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryPolicyCommand,
  ECRClient,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { expect, it } from "vitest";
import { clientSettings } from "../../src/adapters/aws-session.ts";
import { Ecr } from "../../src/adapters/ecr.ts";
import {
  desiredRepository,
  type RepositoryOptions,
  repositoryChange,
} from "../../src/publication/repository.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenSystem } from "../unit/support/golden.ts";
import { ACCOUNT, accessWith } from "./support/api.ts";

const ecr = await Ecr.connect(accessWith());
const raw = new ECRClient(clientSettings(accessWith()));
const spec = serviceOf(goldenSystem(), "shop");

/** Settings of a repository that no other test has. */
function desired(options: RepositoryOptions = {}) {
  const name = `test/${randomUUID()}`;
  return { ...desiredRepository(spec, { pullAccounts: [ACCOUNT], ...options }), name };
}

async function change(wanted: ReturnType<typeof desired>) {
  return repositoryChange(wanted, await ecr.settings(wanted.name));
}

async function reconcile(wanted: ReturnType<typeof desired>) {
  const { action, settings, differences } = await change(wanted);
  if (action === "create") await ecr.create(settings, differences);
  if (action === "update") await ecr.update(settings, differences);
}

it("a repository is created with everything, and then nothing is left to do", async () => {
  const wanted = desired();
  expect((await change(wanted)).action).toBe("create");
  await reconcile(wanted);
  expect(await change(wanted)).toMatchObject({ action: "none", differences: [] });
  expect((await ecr.settings(wanted.name))?.tags).toEqual({
    Environment: "production",
    Project: "mistersmith",
    Component: "shop",
    ManagedBy: "dagger",
  });
});

it("every setting that somebody changed is found and put right; his tag and his statement stay", async () => {
  const wanted = desired();
  const repositoryName = wanted.name;
  await reconcile(wanted);
  const resourceArn = `arn:aws:ecr:eu-central-1:${ACCOUNT}:repository/${repositoryName}`;
  const foreign = { Sid: "Audit", Effect: "Allow", Principal: "*", Action: "ecr:ListImages" };
  const policyText = JSON.stringify({ Version: "2012-10-17", Statement: [foreign] });
  await raw.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" }));
  await raw.send(
    new PutImageScanningConfigurationCommand({
      repositoryName,
      imageScanningConfiguration: { scanOnPush: false },
    }),
  );
  await raw.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
  await raw.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
  await raw.send(new UntagResourceCommand({ resourceArn, tagKeys: ["ManagedBy"] }));
  await raw.send(new TagResourceCommand({ resourceArn, tags: [{ Key: "team", Value: "a" }] }));

  expect((await change(wanted)).differences.map(({ setting }) => setting)).toEqual([
    "immutableTags",
    "scanOnPush",
    "lifecycle",
    "policy",
    "tags",
  ]);
  await reconcile(wanted);
  expect(await change(wanted)).toMatchObject({ action: "none" });
  const settings = await ecr.settings(repositoryName);
  expect(settings?.tags).toMatchObject({ team: "a", ManagedBy: "dagger" });
  expect(settings?.policy).toContain("Audit");
});

it("a publication that stopped after the repository was created goes on", async () => {
  const wanted = desired();
  await reconcile(wanted);
  await raw.send(new DeleteRepositoryPolicyCommand({ repositoryName: wanted.name }));
  await ecr.create(wanted, repositoryChange(wanted, undefined).differences);
  expect((await change(wanted)).action).toBe("none");
});

it("encryption is set at once, and its drift is refused and changes nothing", async () => {
  const kmsKey = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1`;
  const wanted = desired({ kmsKey });
  await reconcile(wanted);
  expect((await ecr.settings(wanted.name))?.encryption).toBe(`KMS ${kmsKey}`);

  const plain = desired({ kmsKey });
  await raw.send(new CreateRepositoryCommand({ repositoryName: plain.name }));
  expect((await change(plain)).refused).toBe(
    `encryption of ${plain.name} is AES256, asked for was KMS ${kmsKey}`,
  );
});

it("the login names a host, a user and its end", async () => {
  const login = await ecr.login();
  expect(login).toMatchObject({ username: "AWS", host: expect.stringContaining(ACCOUNT) });
  expect(login.password).not.toBe("");
  expect(login.expires).toBeGreaterThan(0);
});
