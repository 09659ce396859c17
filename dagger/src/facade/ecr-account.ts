/** Amazon ECR in one region: say who you are, then plan or publish. */
import { type Directory, func, object, type Secret } from "@dagger.io/dagger";
import { type AwsAccess, type CredentialSource, checkedAccess } from "../publication/aws-source.ts";
import type { RepositoryOptions } from "../publication/repository.ts";
import type { Commit } from "../spec/commit.ts";
import { Publication } from "./publication.ts";

/** Where, and how the repositories are to be. */
export interface EcrPlace {
  region: string;
  account?: string | undefined;
  repositories: RepositoryOptions;
}

/** Amazon ECR in one region, without an identity yet. */
@object()
export class EcrAccount {
  source: Directory;
  commit: string;
  place: string;

  constructor(source: Directory, commit: Commit, place: EcrPlace) {
    this.source = source;
    this.commit = JSON.stringify(commit);
    this.place = JSON.stringify(place);
  }

  /** Uses an access key; with a session token also a temporary one. */
  @func({ cache: "never" })
  keys(
    /** For example env:AWS_ACCESS_KEY_ID. */
    accessKeyId: Secret,
    /** For example env:AWS_SECRET_ACCESS_KEY. */
    secretAccessKey: Secret,
    /** For example env:AWS_SESSION_TOKEN. */
    sessionToken?: Secret,
  ): Publication {
    const token = sessionToken ? { sessionToken } : {};
    return publicationAs(this, { kind: "keys", accessKeyId, secretAccessKey, ...token });
  }

  /** Uses a profile with keys, or with a role and a source profile, of a file of the AWS command line. */
  @func({ cache: "never" })
  profile(
    /** For example file:$HOME/.aws/credentials. */
    file: Secret,
    /** Name of the profile. */
    name: string = "default",
  ): Publication {
    return publicationAs(this, { kind: "profile", file, profile: name });
  }

  /** Takes on a role with a token of an OpenID provider, for example of GitHub Actions; no key is kept anywhere. */
  @func({ cache: "never" })
  webIdentity(
    /** For example file:/run/token or env:OIDC_TOKEN. */
    token: Secret,
    /** ARN of the role that trusts the provider. */
    roleArn: string,
  ): Publication {
    return publicationAs(this, { kind: "web-identity", token, roleArn });
  }

  /** Asks the address that ECS, EKS and CodeBuild give their containers. */
  @func({ cache: "never" })
  container(
    /** $AWS_CONTAINER_CREDENTIALS_FULL_URI or $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI. */
    uri: string,
    /** For example env:AWS_CONTAINER_AUTHORIZATION_TOKEN. */
    token?: Secret,
  ): Publication {
    return publicationAs(this, { kind: "container", uri, ...(token && { token }) });
  }
}

function publicationAs(ecr: EcrAccount, source: CredentialSource<Secret>): Publication {
  const { region, account, repositories } = JSON.parse(ecr.place) as EcrPlace;
  const access: AwsAccess<Secret> = checkedAccess({ region, source, ...(account && { account }) });
  return new Publication(ecr.source, JSON.parse(ecr.commit) as Commit, { kind: "ecr", access, repositories });
}
