import { expect, it } from "vitest";
import { textOf } from "../harness/compose/docker-api.ts";

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

it("each stream gets its own text, whole characters across frames", () => {
  const umlaut = Buffer.from("ü");
  const frames = Buffer.concat([
    frame(1, "one\n"),
    frame(2, "wrong\n"),
    frame(1, "zw"),
    frame(1, ""),
    Buffer.concat([frame(1, "é").subarray(0, 7), Buffer.from([2]), umlaut]),
  ]);
  expect(textOf(frames, "stdout")).toBe("one\nzwü");
  expect(textOf(frames, "stderr")).toBe("wrong\n");
});
