/** The pure parts of the harness. */
import { describe, expect, it } from "vitest";
import { parseMounts, parseOwnGroups } from "../harness/cgroup.ts";
import { parseDiscovery } from "../harness/clients/discovery.ts";
import { parseBlock } from "../harness/clients/sse.ts";
import { v7 } from "../harness/clients/uuid.ts";
import { parseLines, problemOf } from "../harness/log-lines.ts";

describe("control groups", () => {
  it("are found under version 1, where several controllers share a hierarchy", () => {
    const own = parseOwnGroups("4:memory:/buildkit/x\n2:cpu,cpuacct:/buildkit/x\n0::/\n");
    expect(own.get("memory")).toBe("/buildkit/x");
    expect(own.get("cpuacct")).toBe("/buildkit/x");
    const mounts = parseMounts(
      "36 32 0:30 /buildkit/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
        "37 32 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n",
    );
    expect(mounts.get("memory")).toEqual({ root: "/buildkit/x", point: "/sys/fs/cgroup/memory" });
    expect(mounts.get("")).toEqual({ root: "/", point: "/sys/fs/cgroup" });
  });
});

describe("server-sent events", () => {
  it("join their data lines", () => {
    expect(parseBlock('id: 7\nevent: discovery\ndata: {"a":\ndata: 1}\n: comment')).toEqual({
      id: "7",
      event: "discovery",
      data: '{"a":\n1}',
    });
  });

  it("become discoveries, and keep-alives do not", () => {
    const text = '{"sequence":3,"content":"c","agent_id":"a","type":"pattern"}';
    expect(parseDiscovery(text)).toMatchObject({ sequence: 3, content: "c", agentId: "a" });
    expect(parseDiscovery(`{"type":"discovery","discovery":${text}}`)).toMatchObject({ sequence: 3 });
    expect(parseDiscovery('{"type":"ping"}')).toBeUndefined();
    expect(parseDiscovery("ping")).toBeUndefined();
  });
});

describe("log lines", () => {
  const problem = (text: string) =>
    problemOf(parseLines("f.log", text)[0] ?? { file: "", number: 0, text, fields: undefined });
  const good = { time: "2026-11-24T12:00:00.123Z", level: "info", service: "s", msg: "m" };

  it("are accepted as the contract wants them", () => {
    expect(problem(JSON.stringify(good))).toBeUndefined();
  });

  it("are refused with file and line", () => {
    expect(problem("panicked at main.rs")).toBe("f.log:1 is no JSON object: panicked at main.rs");
    expect(problem(JSON.stringify({ ...good, time: 12 }))).toContain("RFC 3339");
    expect(problem(JSON.stringify({ ...good, level: 30 }))).toContain("level 30");
    expect(problem(JSON.stringify({ ...good, msg: "" }))).toContain("no msg");
  });
});

describe("UUIDs", () => {
  it("are of version 7 and sort by time", () => {
    expect(v7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(v7(1000) < v7(2000)).toBe(true);
  });
});
