/** The first file that a platform team opens: what lies where, and what to do first. */
import type { ServiceSpec } from "../../spec/service-spec.ts";
import { markdownTable } from "../markdown-table.ts";
import type { HandOffDocument } from "./document.ts";

/** Writes README.md. */
export function readmeFile(pages: readonly HandOffDocument[], own: readonly ServiceSpec[]): string {
  const rows = [
    ["`cloudformation.yaml`", "runs the whole system on Fargate; everything that is yours is a parameter"],
    ["`images.json`", "the images by digest"],
    [
      "`repositories.json`",
      "the repositories as `publish` makes them; more accounts that pull and a key of KMS are given to `dagger call ecr` " +
        "(`--pull-accounts`, `--kms-key`), which this file does not know",
    ],
    ["`task-definitions/`", "the same tasks for your own tooling, one file each"],
    ["`iam/`", "policy of every role, and who may take it"],
    ["`docker-compose.yml`, `.env.example`, `nats.conf`, `prometheus.yml`", "the system on one machine"],
    ...pages.map(({ name, title }) => [`\`${name}.md\`, \`.json\``, title]),
  ];
  const names = own.map(({ name }) => `\`${name}\``).join(", ");
  return [
    "# MisterSmith on ECS Fargate",
    "",
    "`docs/deploy-ecs.md` of the project leads from nothing to a running system with these files.",
    `Images that were built for it: ${names}. No file holds a key; secrets are named, and ECS fetches them.`,
    "Words in capitals (`ACCOUNT_ID`, `REGION`, `FILE_SYSTEM_ID`, `ACCESS_POINT_ID_OF_...`) stand for what only your",
    "account knows: give `--account` and `--region`, or replace them. The template needs neither.",
    "",
    markdownTable(["file", "what"], rows).trimEnd(),
    "",
  ].join("\n");
}
