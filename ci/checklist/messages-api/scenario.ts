/**
 * What the stand-in answers, told by markers in the prompt. The conversation itself is the state: every
 * tool result after the prompt means that one tool marker is done. Markers, in any order:
 *
 * - `[[say:text]]` the final answer (default `done`)
 * - `[[tool:NAME {json}]]` asks for a tool before answering; several are asked for one after another
 * - `[[slow:ms]]` or `[[slow:ms times]]` waits before the final answer, in the first `times` conversations only
 * - `[[fail:status times]]` refuses the first `times` requests with that status
 * - `[[cut:times]]` breaks the connection in the middle of an answer
 * - `[[flood:bytes]]` makes the final answer that long
 * - `[[tokens:n]]` reports n output tokens for the final answer, so that money can run out
 */

/** A tool that the prompt wants to be asked for. */
export interface ToolMarker {
  name: string;
  input: Record<string, unknown>;
}

/** Something that happens in the first `times` requests only. */
export interface LimitedMarker {
  value: number;
  times: number;
}

/** Everything that the markers of one prompt say. */
export interface Scenario {
  say: string;
  tools: ToolMarker[];
  slow?: LimitedMarker;
  fail?: LimitedMarker;
  cutTimes: number;
  floodBytes: number;
  outputTokens?: number;
}

const OPEN = "[[";
const CLOSE = "]]";
const KINDS = ["say", "tool", "slow", "fail", "cut", "flood", "tokens"] as const;

/** True when a text holds at least one marker. */
export function hasMarkers(text: string): boolean {
  return KINDS.some((kind) => text.includes(`${OPEN}${kind}:`) || text.includes(`${OPEN}${kind}${CLOSE}`));
}

/** Reads the markers of a prompt; what is no marker is ignored. */
export function parseScenario(prompt: string): Scenario {
  const scenario: Scenario = { say: "done", tools: [], cutTimes: 0, floodBytes: 0 };
  for (const kind of KINDS) for (const body of bodiesOf(prompt, kind)) apply(scenario, kind, body);
  return scenario;
}

function apply(scenario: Scenario, kind: (typeof KINDS)[number], body: string): void {
  const [first = "", second = ""] = body.trim().split(/\s+/);
  const number = Number(first);
  const times = second === "" ? Number.POSITIVE_INFINITY : Number(second);
  switch (kind) {
    case "say":
      scenario.say = body;
      break;
    case "tool": {
      const tool = parseTool(body);
      if (tool) scenario.tools.push(tool);
      break;
    }
    case "slow":
      scenario.slow = { value: number, times };
      break;
    case "fail":
      scenario.fail = { value: number, times };
      break;
    case "cut":
      scenario.cutTimes = first === "" ? 1 : number;
      break;
    case "flood":
      scenario.floodBytes = number;
      break;
    case "tokens":
      scenario.outputTokens = number;
  }
}

function bodiesOf(prompt: string, kind: string): string[] {
  const bodies: string[] = [];
  if (prompt.includes(`${OPEN}${kind}${CLOSE}`)) bodies.push("");
  const start = `${OPEN}${kind}:`;
  let from = prompt.indexOf(start);
  while (from >= 0) {
    const body = bodyAt(prompt, from + start.length, kind === "tool");
    if (body !== undefined) bodies.push(body);
    from = prompt.indexOf(start, from + start.length);
  }
  return bodies;
}

// The JSON of a tool may hold "]]" itself: the marker ends where the JSON is complete.
function bodyAt(prompt: string, begin: number, isTool: boolean): string | undefined {
  let end = prompt.indexOf(CLOSE, begin);
  while (end >= 0) {
    const body = prompt.slice(begin, end);
    if (!isTool || parseTool(body)) return body;
    end = prompt.indexOf(CLOSE, end + 1);
  }
  return undefined;
}

function parseTool(body: string): ToolMarker | undefined {
  const split = body.search(/\s/);
  const name = split < 0 ? body : body.slice(0, split);
  try {
    const input: unknown = split < 0 ? {} : JSON.parse(body.slice(split));
    if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
    return { name, input: input as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
