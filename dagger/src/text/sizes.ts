/** Sizes of images against their budgets. */
import type { Platform } from "../spec/platform.ts";
import type { ServiceSpec } from "../spec/service-spec.ts";
import { type Alignment, megabytes, textTable } from "./table.ts";

/** One image and what it weighs. */
export interface SizedImage {
  spec: ServiceSpec;
  facts: { digest: string; bytes: number; compressedBytes: number };
}

const HEAD = ["size", "limit", "", "to pull", "digest"];
const ALIGNMENT: readonly Alignment[] = ["right", "right", "left", "right"];

/** Writes one row per image. */
export function sizesTable(images: readonly SizedImage[]): string {
  const rows = images.map((image) => [image.spec.name, ...sizeCells(image)]);
  return textTable(["image", ...HEAD], rows, ["left", ...ALIGNMENT]);
}

/** Writes one row per image and platform, and the digest under which all platforms of an image are published. */
export function platformsTable(
  images: readonly (SizedImage & { platform: Platform })[],
  indexes: readonly { spec: ServiceSpec; facts: { digest: string } }[],
): string {
  const rows = indexes.flatMap(({ spec }) =>
    images
      .filter((image) => image.spec.name === spec.name)
      .map((image) => [spec.name, image.platform.name, ...sizeCells(image)]),
  );
  const published = indexes.map(({ spec, facts }) => [spec.name, facts.digest]);
  const sizes = textTable(["image", "platform", ...HEAD], rows, ["left", "left", ...ALIGNMENT]);
  return `${sizes}\n\n${textTable(["image", "index"], published)}`;
}

function sizeCells({ spec, facts }: SizedImage): string[] {
  const budget = spec.budgets?.imageBytes;
  return [
    megabytes(facts.bytes),
    budget ? megabytes(budget.limit) : "",
    budget ? verdict(facts.bytes, budget.goal, budget.limit) : "",
    megabytes(facts.compressedBytes),
    facts.digest,
  ];
}

/** Images that are larger than they may be. */
export function tooLarge<Image extends SizedImage>(images: readonly Image[]): Image[] {
  return images.filter(({ spec, facts }) => facts.bytes > (spec.budgets?.imageBytes.limit ?? Infinity));
}

function verdict(bytes: number, goal: number, limit: number): string {
  if (bytes > limit) return "TOO LARGE";
  return bytes > goal ? `ok, above the goal of ${megabytes(goal)}` : "ok";
}
