/** JSON policies of a repository: what ours say, and whether two of them mean the same. */

const KEPT_RELEASES = 50;
const UNTAGGED_DAYS = 7;
/** Tags of releases; `latest`, and what somebody tagged by hand, is none. */
const RELEASE_TAGS = "*.*.*";
/** Marks our statement; every other one belongs to somebody else and stays. */
const OWN_STATEMENT = "MisterSmithPull";

interface Statement {
  Sid?: string;
  [key: string]: unknown;
}

/** Untagged images go after a week, and of the releases the newest fifty stay. */
export function lifecycleText(): string {
  const expire = { type: "expire" };
  return JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: `images without a tag go after ${UNTAGGED_DAYS} days`,
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: UNTAGGED_DAYS,
        },
        action: expire,
      },
      {
        rulePriority: 2,
        description: `the ${KEPT_RELEASES} newest releases stay`,
        selection: {
          tagStatus: "tagged",
          tagPatternList: [RELEASE_TAGS],
          countType: "imageCountMoreThan",
          countNumber: KEPT_RELEASES,
        },
        action: expire,
      },
    ],
  });
}

/** Lets these accounts pull; they give the right on to their own roles. */
export function pullPolicyText(accounts: readonly string[]): string {
  if (accounts.length === 0) return "";
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: OWN_STATEMENT,
        Effect: "Allow",
        Principal: { AWS: [...new Set(accounts)].sort().map((account) => `arn:aws:iam::${account}:root`) },
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      },
    ],
  });
}

/** Accounts that our statement of a policy lets pull. */
export function pullAccountsOf(policy: string): string[] {
  return statementsOf(policy)
    .filter(({ Sid }) => Sid === OWN_STATEMENT)
    .flatMap(({ Principal }) => (Principal as { AWS?: string | string[] } | undefined)?.AWS ?? [])
    .flatMap((principal) => /\d{12}/.exec(principal)?.[0] ?? []);
}

/** Our statement put into a policy that may hold those of others. */
export function mergedPolicy(desired: string, actual: string): string {
  if (desired === "") return actual;
  const foreign = statementsOf(actual).filter(({ Sid }) => Sid !== OWN_STATEMENT);
  if (foreign.length === 0) return desired;
  const policy = JSON.parse(desired) as { Statement: Statement[] };
  return JSON.stringify({ ...policy, Statement: [...foreign, ...policy.Statement] });
}

/** Names of the statements that are not ours. */
export function foreignStatements(policy: string): string[] {
  return statementsOf(policy)
    .filter(({ Sid }) => Sid !== OWN_STATEMENT)
    .map(({ Sid }) => Sid ?? "without a name");
}

/** Whether two policies say the same, in whatever order and form. */
export function samePolicy(left: string, right: string): boolean {
  return canonical(left) === canonical(right);
}

function statementsOf(policy: string): Statement[] {
  if (policy === "") return [];
  const { Statement = [] } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  return Array.isArray(Statement) ? Statement : [Statement];
}

function canonical(text: string): string {
  return text === "" ? "" : JSON.stringify(sorted(JSON.parse(text)));
}

// AWS gives a list of one back as its one element, and an account's number for its ARN.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    if (items.length === 1) return items[0];
    return items.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  }
  if (typeof value === "string") return /^\d{12}$/.test(value) ? `arn:aws:iam::${value}:root` : value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
