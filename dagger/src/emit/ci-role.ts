/** IAM documents of the role that CI publishes with: what it may do, and who may become it. */
import type { SystemSpec } from "../spec/service-spec.ts";

/** Where the repositories are. */
export interface AwsPlace {
  /** AWS account, 12 digits. */
  account: string;
  region: string;
}

const VERSION = "2012-10-17";
const AUDIENCE = "sts.amazonaws.com";
const BRANCH = "main";
/** Tags of git that are releases; whoever may push one may publish. */
const RELEASES = "v*";

/** Everything that reconciling a repository and pushing into it asks for; nothing of it deletes. */
const REPOSITORY_ACTIONS = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:CreateRepository",
  "ecr:DescribeImages",
  "ecr:DescribeRepositories",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetLifecyclePolicy",
  "ecr:GetRepositoryPolicy",
  "ecr:InitiateLayerUpload",
  "ecr:ListImages",
  "ecr:ListTagsForResource",
  "ecr:PutImage",
  "ecr:PutImageScanningConfiguration",
  "ecr:PutImageTagMutability",
  "ecr:PutLifecyclePolicy",
  "ecr:SetRepositoryPolicy",
  "ecr:TagResource",
  "ecr:UploadLayerPart",
];

/** What the role may do: its own repositories, and the one action that has no resource. */
export function emitPublishPolicy(system: SystemSpec, place: AwsPlace): object {
  const repositories = [...system.values()].flatMap((spec) => spec.repository ?? []);
  return {
    Version: VERSION,
    Statement: [
      { Sid: "Token", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
      {
        Sid: "Repositories",
        Effect: "Allow",
        Action: REPOSITORY_ACTIONS,
        Resource: repositories.map(
          (name) => `arn:aws:ecr:${place.region}:${place.account}:repository/${name}`,
        ),
      },
    ],
  };
}

/**
 * Who may become the role from GitHub Actions: jobs of one branch and of the releases of one repository.
 *
 * @param repository `owner/name`
 */
export function emitGithubTrust(repository: string, account: string): object {
  return webIdentityTrust("token.actions.githubusercontent.com", account, {
    sub: [`repo:${repository}:ref:refs/heads/${BRANCH}`, `repo:${repository}:ref:refs/tags/${RELEASES}`],
  });
}

/**
 * Who may become the role from GitLab CI: jobs of one branch of one project.
 *
 * @param project `group/name`
 */
export function emitGitlabTrust(project: string, account: string): object {
  return webIdentityTrust("gitlab.com", account, {
    sub: [
      `project_path:${project}:ref_type:branch:ref:${BRANCH}`,
      `project_path:${project}:ref_type:tag:ref:${RELEASES}`,
    ],
  });
}

/** Who may become the role from AWS CodeBuild: one project of the same account. */
export function emitCodebuildTrust(project: string, place: AwsPlace): object {
  const arn = `arn:aws:codebuild:${place.region}:${place.account}:project/${project}`;
  return {
    Version: VERSION,
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "codebuild.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceArn": arn, "aws:SourceAccount": place.account } },
      },
    ],
  };
}

function webIdentityTrust(
  issuer: string,
  account: string,
  claims: Readonly<Record<string, string[]>>,
): object {
  const named = Object.entries(claims).map(([claim, values]) => [`${issuer}:${claim}`, values]);
  return {
    Version: VERSION,
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { [`${issuer}:aud`]: AUDIENCE },
          // Releases are named by a pattern.
          StringLike: Object.fromEntries(named),
        },
      },
    ],
  };
}
