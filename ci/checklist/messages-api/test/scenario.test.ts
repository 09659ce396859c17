/** What markers mean. */
import { describe, expect, it } from "vitest";
import { decide } from "../answer.ts";
import { isBadRequest, type MessagesRequest, parseRequest, readConversation } from "../conversation.ts";
import { hasMarkers, parseScenario } from "../scenario.ts";

const NEVER = { failed: 0, cut: 0, waited: 0 };

function request(
  messages: unknown[],
  tools: string[] = ["mcp__mistersmith__share_discovery"],
): MessagesRequest {
  const parsed = parseRequest(
    JSON.stringify({ model: "m", messages, tools: tools.map((name) => ({ name })) }),
  );
  if (isBadRequest(parsed)) throw new Error(parsed.problem);
  return parsed;
}

describe("parseScenario", () => {
  it("reads every marker", () => {
    const scenario = parseScenario(
      "x [[say:a b]] [[slow:50 2]] [[fail:529 3]] [[cut]] [[flood:10]] [[tokens:7]]",
    );
    expect(scenario).toEqual({
      say: "a b",
      tools: [],
      slow: { value: 50, times: 2 },
      fail: { value: 529, times: 3 },
      cutTimes: 1,
      floodBytes: 10,
      outputTokens: 7,
    });
  });

  it("ends a tool's marker where its JSON is complete", () => {
    const scenario = parseScenario('[[tool:share {"a":[[1]],"b":"]]"}]] [[say:x]]');
    expect(scenario.tools).toEqual([{ name: "share", input: { a: [[1]], b: "]]" } }]);
  });

  it("has a default, and ignores what is no marker", () => {
    expect(parseScenario("[[unknown:1]] [say:x]")).toEqual({
      say: "done",
      tools: [],
      cutTimes: 0,
      floodBytes: 0,
    });
    expect(hasMarkers("[[unknown:1]]")).toBe(false);
    expect(hasMarkers("[[cut]]")).toBe(true);
  });
});

describe("readConversation", () => {
  it("counts the tool results after the last prompt with markers", () => {
    const conversation = readConversation(
      request([
        { role: "user", content: "old [[say:1]]" },
        { role: "user", content: [{ type: "text", text: "new [[say:2]]" }] },
        { role: "assistant", content: [{ type: "tool_use" }] },
        { role: "user", content: [{ type: "tool_result" }] },
        { role: "user", content: "a reminder without markers" },
      ]),
    );
    expect(conversation).toEqual({ prompt: "new [[say:2]]", toolResults: 1 });
  });

  it("refuses what is no request", () => {
    expect(parseRequest("{")).toEqual({ problem: "the body is not JSON" });
    expect(isBadRequest(parseRequest("{}"))).toBe(true);
  });
});

describe("decide", () => {
  const ask = (prompt: string, results: number, counts = NEVER, tools?: string[]) => {
    const parsed = request([{ role: "user", content: prompt }], tools);
    return decide(parsed, { prompt, toolResults: results }, parseScenario(prompt), counts, "id");
  };

  it("asks for the tools one after another, then answers", () => {
    const prompt = '[[tool:share_discovery {"n":1}]] [[tool:share_discovery {"n":2}]] [[say:end]]';
    expect(ask(prompt, 1)).toMatchObject({
      stopReason: "tool_use",
      block: { type: "tool_use", name: "mcp__mistersmith__share_discovery", input: { n: 2 } },
    });
    expect(ask(prompt, 2)).toMatchObject({ stopReason: "end_turn", block: { type: "text", text: "end" } });
  });

  it("says when a tool is not offered, and never asks in a request without tools", () => {
    expect(ask("[[tool:other {}]]", 0)).toMatchObject({ block: { text: "the tool other is not offered" } });
    expect(ask("[[tool:share_discovery {}]] [[say:title]]", 0, NEVER, [])).toMatchObject({
      block: { text: "title" },
    });
  });

  it("fails, cuts and waits only as often as asked", () => {
    expect(ask("[[fail:429 1]]", 0)).toMatchObject({
      kind: "error",
      status: 429,
      errorType: "rate_limit_error",
    });
    expect(ask("[[fail:429 1]]", 0, { ...NEVER, failed: 1 })).toMatchObject({ kind: "message" });
    expect(ask("[[cut:2]]", 0, { ...NEVER, cut: 2 })).toMatchObject({ cut: false });
    expect(ask("[[slow:50 1]]", 0)).toMatchObject({ waitMs: 50 });
    expect(ask("[[slow:50 1]]", 0, { ...NEVER, waited: 1 })).toMatchObject({ waitMs: 0 });
  });

  it("floods, and reports the tokens asked for", () => {
    expect(ask("[[flood:100]] [[tokens:9]]", 0)).toMatchObject({ outputTokens: 9 });
    const answer = ask("[[flood:100]]", 0);
    expect(answer.kind === "message" && answer.block.type === "text" && answer.block.text.length).toBe(100);
  });
});
