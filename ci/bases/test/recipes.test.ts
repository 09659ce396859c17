import { expect, test } from "vitest";
import { BaseError } from "../base-error.ts";
import { configOf } from "../build-base.ts";
import { pickSettings } from "../host-go.ts";
import { buildBases } from "../main.ts";
import { parseReference } from "../versions.ts";

test("a stand-in says that it is one, and of what", () => {
  const config = configOf({
    name: "node",
    references: [parseReference("node:24-bookworm-slim"), parseReference("node:24-alpine")],
    version: "24.21.0",
    onDebian: true,
    inputs: {},
    config: { Env: ["A=b"], Labels: { own: "kept" } },
    build: async () => {},
  });
  expect(config).toEqual({
    Env: ["A=b"],
    Labels: {
      own: "kept",
      "org.opencontainers.image.title": "node",
      "org.opencontainers.image.version": "24.21.0",
      "io.mistersmith.stand-in": "true",
      "io.mistersmith.stand-in.of": "node:24-bookworm-slim node:24-alpine",
    },
  });
});

test("of Go's settings only those about modules reach an image", () => {
  expect(pickSettings('{"GOFLAGS":"-buildvcs=false","GONOSUMDB":"example.invalid/*"}')).toEqual({
    GONOSUMDB: "example.invalid/*",
  });
});

test("an unknown name is refused before anything is built", async () => {
  const refused = buildBases("127.0.0.1:1", ["nodejs"]);
  await expect(refused).rejects.toBeInstanceOf(BaseError);
  await expect(refused).rejects.toThrow(/^MS-BASE-00[67] /);
});
