/** Decides what is answered to a request; pure, the counts of earlier requests come in. */
import { type Conversation, countTokens, type MessagesRequest } from "./conversation.ts";
import type { Scenario } from "./scenario.ts";

/** One part of the model's message. */
export type AnswerBlock =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> };

/** What the stand-in does with a request. */
export type Answer =
  | { kind: "error"; status: number; errorType: string; message: string }
  | {
      kind: "message";
      waitMs: number;
      cut: boolean;
      block: AnswerBlock;
      stopReason: "end_turn" | "tool_use";
      inputTokens: number;
      outputTokens: number;
    };

/** How often this prompt was here before, by what happened to it. */
export interface Counts {
  failed: number;
  cut: number;
  waited: number;
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

/** Chooses the answer. `id` makes the tool call's id unique. */
export function decide(
  request: MessagesRequest,
  conversation: Conversation,
  scenario: Scenario,
  counts: Counts,
  id: string,
): Answer {
  const fail = scenario.fail;
  if (fail && counts.failed < fail.times) return errorAnswer(fail.value, "as the prompt asked");
  const block = nextBlock(request, conversation, scenario, id);
  const last = block.type === "text";
  const slow = scenario.slow;
  return {
    kind: "message",
    waitMs: last && slow && counts.waited < slow.times ? slow.value : 0,
    cut: counts.cut < scenario.cutTimes,
    block,
    stopReason: last ? "end_turn" : "tool_use",
    inputTokens: countTokens([request.system, request.messages, request.tools]),
    outputTokens: last && scenario.outputTokens !== undefined ? scenario.outputTokens : countTokens(block),
  };
}

/** An error as the API words it. */
export function errorAnswer(status: number, message: string): Extract<Answer, { kind: "error" }> {
  return { kind: "error", status, errorType: ERROR_TYPES[status] ?? "api_error", message };
}

function nextBlock(
  request: MessagesRequest,
  conversation: Conversation,
  scenario: Scenario,
  id: string,
): AnswerBlock {
  const wanted = scenario.tools[conversation.toolResults];
  // A side request of the CLI (a title, a summary) offers no tools and must not be answered with one.
  if (!wanted || request.tools.length === 0) return { type: "text", text: finalText(scenario) };
  const tool = request.tools.find(({ name }) => name === wanted.name || name.endsWith(`__${wanted.name}`));
  if (!tool) return { type: "text", text: `the tool ${wanted.name} is not offered` };
  return { type: "tool_use", id: `toolu_${id}`, name: tool.name, input: wanted.input };
}

function finalText(scenario: Scenario): string {
  if (scenario.floodBytes === 0) return scenario.say;
  return "flood ".repeat(Math.ceil(scenario.floodBytes / 6)).slice(0, scenario.floodBytes);
}
