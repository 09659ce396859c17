/** What a person reads when the stack runs. */

/** Facts of a running stack. */
export interface RunningStack {
  /** `http://host:port` of the gateway. */
  url: string;
  /** `host:port` of gRPC. */
  grpc: string;
  token: string;
  tokenFile: string;
  /** The compose command line up to its own command. */
  compose: readonly string[];
  /** What takes the stack down. */
  stackDown: string;
  demo: boolean;
  /** `http://host:port` of Prometheus, where it was asked for. */
  prometheus?: string;
}

/** A task for the stand-in carries what the model is to answer. */
const DEMO_TASK =
  'Look at the imports. [[tool:share_discovery {"type":"pattern","content":"Imports are slow on Mondays","confidence":0.9}]] [[say:Imports are slow on Mondays.]]';
const TASK = "Say in one sentence what you can do, and share it as a discovery.";

/** URLs, a token, and the next command to type. */
export function closingWords(stack: RunningStack): string {
  const compose = stack.compose.map(word).join(" ");
  const task = quoted(stack.demo ? DEMO_TASK : TASK);
  return [
    "",
    `The system is up${stack.demo ? ", with a stand-in of the Messages API" : ""}.`,
    "",
    `  live page   ${stack.url}/`,
    `  MCP         ${stack.url}/mcp`,
    `  events      ${stack.url}/events   (server-sent events; WebSocket: /ws)`,
    `  gRPC        ${stack.grpc}`,
    ...(stack.prometheus ? [`  Prometheus  ${stack.prometheus}/`] : []),
    `  token       ${stack.token}`,
    `              valid for a day, also in ${stack.tokenFile}; the live page asks for it`,
    "",
    "Next, give it a task and watch:",
    "",
    `  ${compose} run --rm tools task submit ${task} --watch`,
    "",
    `  ${compose} logs --follow     and in the end: ${stack.stackDown}`,
    "",
  ].join("\n");
}

/** As a shell takes it; most words need no quotation marks. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
