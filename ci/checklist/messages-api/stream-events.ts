/** An answer as the server-sent events, or as the JSON body, of the real API. */
import type { Answer } from "./answer.ts";

/** One server-sent event. */
export interface StreamEvent {
  type: string;
  [key: string]: unknown;
}

type MessageAnswer = Extract<Answer, { kind: "message" }>;

const PIECE = 4096;

/** Text of an event on the wire. */
export function frame(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The first event of a stream. */
export function startEvent(id: string, model: string, answer: MessageAnswer): StreamEvent {
  return { type: "message_start", message: { ...envelope(id, model), usage: usage(answer, 1) } };
}

/** Everything after the first event. */
export function* bodyEvents(answer: MessageAnswer): Generator<StreamEvent> {
  const { block } = answer;
  const empty = block.type === "text" ? { type: "text", text: "" } : { ...block, input: {} };
  yield { type: "content_block_start", index: 0, content_block: empty };
  const text = block.type === "text" ? block.text : JSON.stringify(block.input);
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = text.slice(at, at + PIECE);
    const delta =
      block.type === "text"
        ? { type: "text_delta", text: piece }
        : { type: "input_json_delta", partial_json: piece };
    yield { type: "content_block_delta", index: 0, delta };
  }
  yield { type: "content_block_stop", index: 0 };
  yield {
    type: "message_delta",
    delta: { stop_reason: answer.stopReason, stop_sequence: null },
    usage: usage(answer, answer.outputTokens),
  };
  yield { type: "message_stop" };
}

/** The body of an answer that is not streamed. */
export function wholeMessage(id: string, model: string, answer: MessageAnswer): object {
  return {
    ...envelope(id, model),
    content: [answer.block],
    stop_reason: answer.stopReason,
    usage: usage(answer, answer.outputTokens),
  };
}

/** The body of an error. */
export function errorBody(id: string, answer: Extract<Answer, { kind: "error" }>): object {
  return { type: "error", error: { type: answer.errorType, message: answer.message }, request_id: id };
}

function envelope(id: string, model: string): object {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

function usage(answer: MessageAnswer, outputTokens: number): object {
  return {
    input_tokens: answer.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}
