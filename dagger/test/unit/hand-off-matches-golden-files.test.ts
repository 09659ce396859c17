import { expect, it } from "vitest";
import { handOffFiles } from "../../src/emit/hand-off/files.ts";
import { goldenPath } from "./support/golden.ts";
import { OPTIONS, shopInput, shopSystem } from "./support/hand-off.ts";

const system = shopSystem();
const files = handOffFiles(system, shopInput(system), OPTIONS);

it.each(Object.keys(files))("%s", async (path) => {
  await expect(files[path]).toMatchFileSnapshot(goldenPath(`hand-off/files/${path}`));
});

it("has each page for a person and for a program", () => {
  const names = Object.keys(files);
  const pages = names.filter((name) => name.endsWith(".md") && name !== "README.md");
  expect(pages).toHaveLength(8);
  for (const page of pages) expect(names).toContain(page.replace(/\.md$/, ".json"));
});

it("names what is not known instead of leaving it out", () => {
  const { environment, zone } = OPTIONS;
  const open = handOffFiles(system, shopInput(system), { environment, zone });
  expect(open["task-definitions/shop.json"]).toContain("ACCOUNT_ID.dkr.ecr.REGION.");
  expect(open["cloudformation.yaml"]).not.toContain("ACCOUNT_ID");
});

it("is refused when an image is missing, before anything is made", () => {
  expect(() => handOffFiles(system, { ...shopInput(system), digests: {} }, OPTIONS)).toThrow(
    /no image of shop/,
  );
});
