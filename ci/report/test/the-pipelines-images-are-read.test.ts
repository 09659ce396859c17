/** The pipeline writes images.json, the report reads it: neither side may name what the other does not know. */
import { expect, it } from "vitest";
import type { BuiltImage } from "../../../dagger/src/adapters/normalise-image.ts";
import { imageRecords } from "../../../dagger/src/adapters/write-report.ts";
import { PLATFORMS } from "../../../dagger/src/spec/platform.ts";
import { root } from "../../shared/dagger-call.ts";
import { readSystem } from "../../shared/read-system.ts";
import { imagesFileSchema } from "../report.ts";

it.each(PLATFORMS.map((platform) => [platform.name, platform]))("images for %s", (_, platform) => {
  const services = [...readSystem(root).values()].filter(({ repository }) => repository !== undefined);
  const facts = { bytes: 2, compressedBytes: 1, digest: "sha256:aa" };
  const images = services.map((spec) => ({ spec, platform, facts }) as unknown as BuiltImage);
  const records = JSON.parse(
    JSON.stringify(imageRecords(images, { supervisor: "registry/supervisor@sha256:aa" })),
  );
  expect(imagesFileSchema.parse(records)).toEqual(records);
});
