import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import { toGatewayError } from "../errors.ts";
import { parseInput } from "../input.ts";
import type { Call, Operations } from "../operations.ts";

/** An MCP tool: what a model reads about it, and what it does. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** True when it changes nothing. */
  readonly readOnly: boolean;
  run(operations: Operations, call: Call, input: unknown): Promise<Record<string, unknown>>;
}

/** Makes a tool whose `run` gets checked input; what is not valid fails with MS-GW-003. */
export function tool<Input extends z.ZodObject, Output extends z.ZodObject>(definition: {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  readOnly: boolean;
  run(operations: Operations, call: Call, input: z.infer<Input>): Promise<z.infer<Output>>;
}): Tool {
  const strict = definition.input.strict();
  return {
    ...definition,
    run: async (operations, call, input) =>
      definition.run(operations, call, parseInput(strict, input ?? {}) as z.infer<Input>),
  };
}

/** Runs a tool for MCP: a failure is an answer that the model can read, with its code. */
export async function callTool(
  { run }: Tool,
  operations: Operations,
  call: Call,
  input: unknown,
): Promise<CallToolResult> {
  try {
    const value = await run(operations, call, input);
    return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: value };
  } catch (error) {
    return { content: [{ type: "text", text: toGatewayError(error).message }], isError: true };
  }
}

/**
 * The input schema as MCP publishes it, without its check: tools check their input themselves, so that a model is
 * told a code and a next step instead of the SDK's text.
 */
export function publishedSchema({ input }: Tool) {
  const standard = input["~standard"];
  return {
    "~standard": { ...standard, validate: (value: unknown) => ({ value: value as Record<string, unknown> }) },
  } as typeof input;
}

/** An object without fields. */
export const nothing = z.object({});
