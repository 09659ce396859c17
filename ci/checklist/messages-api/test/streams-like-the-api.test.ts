/** The stand-in over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MessagesApi, startMessagesApi } from "../server.ts";

let api: MessagesApi;
beforeAll(async () => {
  api = await startMessagesApi();
});
afterAll(() => api.close());

const post = (body: unknown, path = "/v1/messages?beta=true") =>
  fetch(`http://127.0.0.1:${api.port}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "x-api-key": "k" },
  });

const asking = (prompt: string, stream = true) => ({
  model: "m",
  stream,
  messages: [{ role: "user", content: prompt }],
});

describe("POST /v1/messages", () => {
  it("streams the events of the real API in their order", async () => {
    const response = await post(asking("[[say:hello]]"));
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect([...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1])).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(text).toContain('"stop_reason":"end_turn"');
    expect(api.requests.at(-1)).toMatchObject({ prompt: "[[say:hello]]", apiKey: "k", answered: "text" });
  });

  it("answers whole when no stream is asked for", async () => {
    const body = (await (await post(asking("[[say:whole]]", false))).json()) as Record<string, unknown>;
    expect(body).toMatchObject({ role: "assistant", stop_reason: "end_turn", content: [{ text: "whole" }] });
  });

  it("refuses as often as asked, then answers", async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 3; index++)
      statuses.push((await post(asking("[[fail:529 2]]", false))).status);
    expect(statuses).toEqual([529, 529, 200]);
  });

  it("cuts the stream in the middle once", async () => {
    const read = async () => (await post(asking("[[cut:1]] [[say:x]]"))).text();
    await expect(read()).rejects.toThrow();
    expect(await read()).toContain("message_stop");
  });

  it("words its errors as the API does", async () => {
    const bad = await post("{");
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
    expect((await post({}, "/v1/other")).status).toBe(404);
  });

  it("counts tokens", async () => {
    const body = (await (await post(asking("four"), "/v1/messages/count_tokens")).json()) as {
      input_tokens: number;
    };
    expect(body.input_tokens).toBeGreaterThan(0);
  });
});
