import { describe, expect, it } from "vitest";
import {
  type AwsAccess,
  checkAccount,
  checkedAccess,
  checkRegion,
  containerAddress,
} from "../../src/publication/aws-source.ts";
import { packTarget, unpackTarget } from "../../src/publication/packed-target.ts";
import { profileIdentity } from "../../src/publication/profile-file.ts";

const ROLE = "arn:aws:iam::123456789012:role/publish";
const keys = { kind: "keys", accessKeyId: "a", secretAccessKey: "b" } as const;
const CANARY = "canary-0f6b";

const FILE = `
# as the AWS command line writes it
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key=${CANARY}

[profile temporary]
aws_access_key_id = ASIATEMP
aws_secret_access_key = secret/with+signs==
aws_session_token = token
region = eu-central-1

[profile publish]
role_arn = ${ROLE}
source_profile = middle
external_id = outside
[profile middle]
role_arn = arn:aws:iam::210987654321:role/middle
source_profile = default
[profile circle]
role_arn = ${ROLE}
source_profile = circle2
[profile circle2]
role_arn = ${ROLE}
source_profile = circle
[profile browser]
sso_session = work
`;

describe("a profile", () => {
  it("gives its keys", () => {
    expect(profileIdentity(FILE, "default")).toEqual({
      keys: { accessKeyId: "AKIADEFAULT", secretAccessKey: CANARY },
      roles: [],
    });
    expect(profileIdentity(FILE, "temporary").keys).toEqual({
      accessKeyId: "ASIATEMP",
      secretAccessKey: "secret/with+signs==",
      sessionToken: "token",
    });
  });

  it("gives the keys of its source and the roles in the order in which they are taken on", () => {
    expect(profileIdentity(FILE, "publish")).toEqual({
      keys: { accessKeyId: "AKIADEFAULT", secretAccessKey: CANARY },
      roles: [{ arn: "arn:aws:iam::210987654321:role/middle" }, { arn: ROLE, externalId: "outside" }],
    });
  });

  it.each([
    ["nobody", "no profile nobody; there are default, temporary, publish"],
    ["circle", "in a circle: circle -> circle2 -> circle"],
    [
      "browser",
      "it has sso_session, which works outside of the pipeline only: `aws configure export-credentials",
    ],
  ])("%s is refused with a reason and without a value of the file", (name, reason) => {
    expect(() => profileIdentity(FILE, name)).toThrow(/^MS-ECR-010 /);
    expect(() => profileIdentity(FILE, name)).toThrow(reason);
    expect(() => profileIdentity(FILE, name)).not.toThrow(CANARY);
  });
});

describe("what was given is refused at once", () => {
  it.each<[string, AwsAccess<string>, string]>([
    ["a region", { region: "frankfurt", source: keys }, "frankfurt is no region"],
    ["an account", { region: "eu-central-1", account: "12", source: keys }, "12 is no account of 12 digits"],
    [
      "a role",
      { region: "eu-central-1", source: { kind: "web-identity", token: "t", roleArn: "publish" } },
      "publish is no ARN of a role",
    ],
    [
      "a role to take on",
      { region: "eu-central-1", source: keys, role: { arn: "arn:aws:iam::1:user/me" } },
      "arn:aws:iam::1:user/me is no ARN of a role",
    ],
    [
      "an address that would get the token in plain text",
      { region: "eu-central-1", source: { kind: "container", uri: "http://elsewhere.example/creds" } },
      "neither an address of AWS's own nor https",
    ],
  ])("%s", (_name, access, reason) => {
    expect(() => checkedAccess(access)).toThrow(/^MS-ECR-010 /);
    expect(() => checkedAccess(access)).toThrow(reason);
  });

  it("regions and roles of every partition are fine", () => {
    for (const region of ["us-gov-west-1", "cn-north-1", "ap-southeast-4", "eusc-de-east-1"])
      expect(checkedAccess({ region, source: keys }).region).toBe(region);
    const role = { arn: "arn:aws-us-gov:iam::123456789012:role/path/to/publish" };
    expect(checkedAccess({ region: "us-gov-west-1", source: keys, role }).role).toEqual(role);
  });
});

it("container credentials come from a path on AWS's host, from its other hosts, or by https", () => {
  expect(containerAddress("/v2/credentials/1").href).toBe("http://169.254.170.2/v2/credentials/1");
  expect(containerAddress("http://169.254.170.23/v1").host).toBe("169.254.170.23");
  expect(containerAddress("https://agent.example/creds").host).toBe("agent.example");
});

it("credentials of another account are refused, with both accounts", () => {
  expect(() => checkAccount("111111111111", "222222222222", "arn:aws:iam::222222222222:user/me")).toThrow(
    "MS-ECR-011 the credentials belong to account 222222222222 (arn:aws:iam::222222222222:user/me), named was 111111111111. Next: ",
  );
  expect(() => checkAccount(undefined, "222222222222", "arn")).not.toThrow();
  expect(() => checkAccount("222222222222", "222222222222", "arn")).not.toThrow();
});

it("a registry of another region is refused", () => {
  const host = "1.dkr.ecr.eu-west-1.amazonaws.com";
  expect(() => checkRegion("eu-central-1", host)).toThrow(
    /^MS-ECR-011 .*is in eu-west-1, named was eu-central-1/,
  );
  expect(() => checkRegion("eu-west-1", host)).not.toThrow();
  expect(() => checkRegion("eu-west-1", "registry:5000")).not.toThrow();
});

it("a target is kept without its secrets and comes back with them", () => {
  const secret = (name: string) => ({ name, plaintext: async () => CANARY });
  const file = { contents: async () => "PEM" };
  const target = { kind: "ecr", access: { keys: [secret("a"), secret("b")] }, ca: file, tag: undefined };
  const packed = packTarget<ReturnType<typeof secret>, typeof file>(target);
  expect(packed.text).not.toContain(CANARY);
  expect(packed.secrets.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(unpackTarget(packed)).toEqual(target);
});
