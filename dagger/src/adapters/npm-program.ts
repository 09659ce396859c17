/** Programs that come as npm packages, one package for each platform. */
import type { Container } from "@dagger.io/dagger";
import { npmTarget } from "../spec/platform.ts";
import type { Project } from "./project.ts";
import { nodeToolchain } from "./toolchains.ts";

/** A program in a package of the project's platform. */
export interface NpmProgram {
  package: string;
  /** As a shell's word. */
  version: string;
  /** Path in the package. */
  file: string;
  /** Directory that the package is installed in. */
  prefix: string;
  /** Path that the program gets. */
  program: string;
}

/** A container with the package below `prefix` and its program. */
export function withNpmProgram(project: Project, given: NpmProgram): Container {
  const { package: name, version, file, prefix, program } = given;
  const options = [
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    ...npmTarget(project.platform, project.engine),
  ];
  const install = `npm install ${options.join(" ")} --prefix ${prefix} ${name}@${version}`;
  const copy = `install -m 0755 ${prefix}/node_modules/${name}/${file} ${program}`;
  return nodeToolchain(project).withExec(["sh", "-c", `${install} && ${copy}`]);
}
