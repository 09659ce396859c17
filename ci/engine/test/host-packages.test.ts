import { expect, it } from "vitest";
import { missingPackages } from "../host-packages.ts";

it("a package is missing when one of its programs is, and is named once", async () => {
  expect(await missingPackages(async () => true)).toEqual([]);
  const has = async (program: string) => !["docker", "dockerd", "skopeo"].includes(program);
  expect(await missingPackages(has)).toEqual(["docker.io", "skopeo"]);
});
