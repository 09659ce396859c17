/** Checks the files of the CI systems with the field's own tools. */
import type { Container } from "@dagger.io/dagger";
import { versionOf } from "../spec/versions.ts";
import type { Project } from "./project.ts";
import { goToolchain, pythonToolchain, withGoModule } from "./toolchains.ts";

/** Files of the CI systems. */
export const CI_FILES: readonly string[] = [".github/**", ".gitlab-ci.yml", "buildspec.yml"];

/** Checks the workflows of GitHub Actions; its paths are found from the folder with .git. */
export const ACTIONLINT = "mkdir -p .git && /tools/actionlint -no-color .github/workflows/*.yml";

const WORKFLOWS = "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml";
const GITLAB = "check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml";
const COMPOSE = "check-jsonschema --builtin-schema vendor.compose-spec dagger/test/golden/docker-compose.yml";

/** Checks against the published schemas; the one of CodeBuild's file is a unit test, as nobody publishes one. */
export const CHECK_SCHEMAS: string = [WORKFLOWS, GITLAB, COMPOSE].join(" && ");

/** A container with actionlint and the workflows. */
export function actionlint(project: Project): Container {
  const program = withGoModule(goToolchain(project), project, "ci/lint")
    .withExec(["go", "build", "-o", "/out/", "-ldflags", "-s -w", "tool"])
    .file("/out/actionlint");
  return project
    .base("debian")
    .withFile("/tools/actionlint", program)
    .withDirectory("/src", project.select([".github/**"]))
    .withWorkdir("/src");
}

/** A container with check-jsonschema and the files that have a schema. */
export function schemaChecker(project: Project): Container {
  const version = versionOf(project.versions.pypi, "check-jsonschema");
  return pythonToolchain(project)
    .withExec(["pip", "install", "--quiet", `check-jsonschema==${version}`])
    .withDirectory("/src", project.select([...CI_FILES, "dagger/test/golden/docker-compose.yml"]))
    .withWorkdir("/src");
}
