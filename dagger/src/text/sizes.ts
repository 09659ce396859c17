/** Sizes of images against their budgets. */
import type { ServiceSpec } from "../spec/service-spec.ts";
import { megabytes, textTable } from "./table.ts";

/** One image and what it weighs. */
export interface SizedImage {
  spec: ServiceSpec;
  facts: { digest: string; bytes: number; compressedBytes: number };
}

/** Writes one row per image. */
export function sizesTable(images: readonly SizedImage[]): string {
  const rows = images.map(({ spec, facts }) => {
    const budget = spec.budgets?.imageBytes;
    return [
      spec.name,
      megabytes(facts.bytes),
      budget ? megabytes(budget.limit) : "",
      budget ? verdict(facts.bytes, budget.goal, budget.limit) : "",
      megabytes(facts.compressedBytes),
      facts.digest,
    ];
  });
  return textTable(["image", "size", "limit", "", "to pull", "digest"], rows, [
    "left",
    "right",
    "right",
    "left",
    "right",
  ]);
}

/** Images that are larger than they may be. */
export function tooLarge(images: readonly SizedImage[]): SizedImage[] {
  return images.filter(({ spec, facts }) => facts.bytes > (spec.budgets?.imageBytes.limit ?? Infinity));
}

function verdict(bytes: number, goal: number, limit: number): string {
  if (bytes > limit) return "TOO LARGE";
  return bytes > goal ? `ok, above the goal of ${megabytes(goal)}` : "ok";
}
