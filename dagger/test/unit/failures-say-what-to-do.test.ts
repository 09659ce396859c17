import { expect, it } from "vitest";
import { parse } from "yaml";
import { explain, explained, PIPELINE_NEXT, PipelineError } from "../../src/errors.ts";
import { repoText } from "./support/repo.ts";

function execError(fields: object): Error {
  return Object.assign(new Error("exit code: 101"), { name: "ExecError", ...fields });
}

it("names the command, its exit code and its last 40 lines", async () => {
  const stderr = Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n");
  const failing = explained("MS-PIPE-001", "building supervisor", () =>
    Promise.reject(execError({ cmd: ["cargo", "build"], exitCode: 101, stdout: "", stderr })),
  );
  const message = await failing.catch((error: Error) => error.message);
  const lines = String(message).split("\n");
  expect(lines[0]).toBe(
    "MS-PIPE-001 building supervisor: `cargo build` ended with 101. Next: read the lines below, correct the source and call again.",
  );
  expect(lines).toHaveLength(41);
  expect(lines[1]).toBe("line 60");
  expect(lines[40]).toBe("line 99");
});

it("shows of a long command only so much that it is recognised", () => {
  const cmd = [
    "/steps/find-digests.sh",
    ...Array.from({ length: 50 }, (_, index) => `registry/image-${index}`),
  ];
  const { message } = explain(
    "MS-ECR-005",
    "asking",
    execError({ cmd, exitCode: 1, stdout: "", stderr: "" }),
  );
  expect(message).toMatch(/`\/steps\/find-digests\.sh registry\/image-0 .* \.\.\.` ended with 1/);
  expect(message.length).toBeLessThan(300);
});

it("keeps an error that has a code, and wraps one that has none", () => {
  const coded = new PipelineError("MS-PIPE-006", "too large: tools");
  expect(explain("MS-PIPE-001", "building", coded)).toBe(coded);
  expect(explain("MS-ECR-004", "asking", new Error("connect ECONNREFUSED")).message).toBe(
    "MS-ECR-004 asking: connect ECONNREFUSED. Next: check region, credentials and the rights of the role.",
  );
});

it("lists the same codes and next steps as the catalogue", () => {
  const catalogue = parse(repoText("services/contracts/errors.yaml")) as {
    errors: { code: string; next: string }[];
  };
  const listed = catalogue.errors.filter((entry) => /^MS-(PIPE|ECR|SUPPLY)-/.test(entry.code));
  expect(Object.fromEntries(listed.map((entry) => [entry.code, entry.next]))).toEqual(PIPELINE_NEXT);
});
