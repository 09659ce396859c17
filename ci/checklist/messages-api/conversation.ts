/** Reads a request of the Messages API: which prompt it is about, and how far its tools are. */
import { z } from "zod";
import { hasMarkers } from "./scenario.ts";

const block = z.looseObject({ type: z.string(), text: z.string().optional() });

const requestSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  max_tokens: z.number().optional(),
  messages: z.array(
    z.object({
      role: z.enum(["user", "assistant", "system"]),
      content: z.union([z.string(), z.array(block)]),
    }),
  ),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  system: z.unknown().optional(),
});

/** A request of `POST /v1/messages`. */
export type MessagesRequest = z.infer<typeof requestSchema>;

/** Why a body is no request. */
export interface BadRequest {
  problem: string;
}

/** Tells the two apart. */
export function isBadRequest(parsed: MessagesRequest | BadRequest): parsed is BadRequest {
  return typeof parsed.problem === "string";
}

/** What the stand-in needs of a request. */
export interface Conversation {
  /** Text of the last user message with markers, or of the last one at all. */
  prompt: string;
  /** Tool results that came after that prompt. */
  toolResults: number;
}

/** Reads the body of a request. */
export function parseRequest(text: string): MessagesRequest | BadRequest {
  try {
    const read = requestSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : { problem: z.prettifyError(read.error) };
  } catch {
    return { problem: "the body is not JSON" };
  }
}

/** Finds the prompt and counts the tool results after it. */
export function readConversation(request: MessagesRequest): Conversation {
  let prompt = "";
  let toolResults = 0;
  for (const message of request.messages) {
    if (message.role !== "user") continue;
    const text = textOf(message.content);
    const results = countResults(message.content);
    if (results > 0) toolResults += results;
    if (text !== "" && results === 0 && (hasMarkers(text) || !hasMarkers(prompt))) {
      prompt = text;
      toolResults = 0;
    }
  }
  return { prompt, toolResults };
}

/** Rough count, four characters a token, as good as any for a test. */
export function countTokens(value: unknown): number {
  return Math.max(1, Math.ceil(JSON.stringify(value ?? "").length / 4));
}

function textOf(content: MessagesRequest["messages"][number]["content"]): string {
  if (typeof content === "string") return content;
  return content
    .filter((part) => part.type === "text")
    .map((part) => part.text ?? "")
    .join("\n");
}

function countResults(content: MessagesRequest["messages"][number]["content"]): number {
  return typeof content === "string" ? 0 : content.filter((part) => part.type === "tool_result").length;
}
