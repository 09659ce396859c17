/** An image as the pipeline mounts it: its root file system and its configuration. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { ServiceSpec } from "../../../../dagger/src/spec/service-spec.ts";
import { CheckError } from "../../../shared/check-error.ts";

const configSchema = z.object({
  entrypoint: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  workdir: z.string().default("/"),
  user: z.string().default(""),
});

/** What an image says about how it is started. */
export type ImageConfig = z.infer<typeof configSchema>;

/** One image. */
export interface Image {
  rootfs: string;
  /** Undefined when the pipeline gave none. */
  config: ImageConfig | undefined;
}

/** Finds an image below the directory of images. */
export function readImage(imagesDir: string, name: string): Image {
  const rootfs = `${imagesDir}/${name}/rootfs`;
  const file = `${imagesDir}/${name}/image.json`;
  if (!existsSync(rootfs)) throw new CheckError("MS-CHECK-010", `there is no ${rootfs}`);
  return {
    rootfs,
    config: existsSync(file) ? configSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined,
  };
}

/** The command line: the spec's entrypoint and command, or the image's entrypoint with the spec's command. */
export function commandLine(spec: ServiceSpec, image: Image): string[] {
  if (spec.entrypoint.length > 0) return [...spec.entrypoint, ...spec.command];
  if (!image.config) throw new CheckError("MS-CHECK-011", `${spec.name} has no image.json`);
  const command = spec.command.length > 0 ? spec.command : image.config.args;
  const [program = "", ...rest] = [...image.config.entrypoint, ...command];
  return [absolute(program, image), ...rest];
}

function absolute(program: string, image: Image): string {
  if (program.startsWith("/")) return program;
  const path = image.config?.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const directory = path.split(":").find((candidate) => existsSync(`${image.rootfs}${candidate}/${program}`));
  return directory === undefined ? `/${program}` : `${directory}/${program}`;
}
