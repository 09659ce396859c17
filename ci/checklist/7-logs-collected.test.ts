/** Row 7: what the services said in all the rows before: it parses, it can be followed, and it holds no secret. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { portOf } from "../../dagger/src/spec/service-spec.ts";
import { connectOperator, connectRole, gatewayUrl } from "./harness/clients/index.ts";
import { connectMcp } from "./harness/clients/mcp.ts";
import type { Container } from "./harness/container.ts";
import { ALL_SCOPES, type Canary } from "./harness/keys.ts";
import { type LogLine, parseLines, problemOf } from "./harness/log-lines.ts";
import { processesBelow } from "./harness/processes.ts";
import { EVERY_SERVICE, row, verifies } from "./harness/row.ts";
import { slowed } from "./harness/slowness.ts";
import { resultOf } from "./harness/tasks.ts";
import { until } from "./harness/wait.ts";

const TOKEN_SHAPE = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/;
/** Jobs on the queue carry the token of their agent; only workers may read them. */
const TOKEN_STREAMS = ["WORK"];

row(7, EVERY_SERVICE, ({ system, note }) => {
  const own = () =>
    ["supervisor", "mcp-gateway"]
      .map((name) => system().container(name))
      .concat(system().containersOf("claude-worker"));
  const linesOf = async (container: Container): Promise<LogLine[]> => {
    const streams = ["stdout", "stderr"] as const;
    const texts = await Promise.all(streams.map((stream) => container.output(stream)));
    return texts.flatMap((text, index) => parseLines(`${container.name} ${streams[index]}`, text));
  };
  const allLines = async () => (await Promise.all(own().map(linesOf))).flat();

  verifies("LOG-1", async () => {
    for (const container of own())
      expect((await linesOf(container)).length, `lines of ${container.name}`).toBeGreaterThan(0);
    const lines = await allLines();
    const problems = lines.map(problemOf).filter((problem) => problem !== undefined);
    note("log lines of the services", lines.length);
    note("lines that are not as the contract wants", problems.length);
    expect(problems).toEqual([]);
    const codes = lines.filter((line) => line.fields?.code !== undefined && line.fields.code !== "");
    for (const line of codes) expect(line.fields?.code, line.text).toMatch(/^MS-[A-Z]+-\d{3}$/);
    note("lines with a code", codes.length);
  });

  verifies("LOG-2", async () => {
    const traceId = randomBytes(16).toString("hex");
    const token = await system().keys.token("client-7", ALL_SCOPES);
    const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
    const mcp = await connectMcp(gatewayUrl(system()), token, "2026-07-28", traceparent);
    const submitted = await mcp.call("submit_task", { prompt: "Follow me. [[say:followed]]" });
    await mcp.close();
    const operator = await connectOperator(system());
    const taskId = String(submitted.value.task_id);
    expect((await resultOf(operator, taskId, 30_000)).result).toBe("followed");
    const stored = await operator.last("RESULTS", `tasks.${taskId}.result`);
    await operator.close();
    expect(stored?.headers.traceparent).toContain(traceId);
    const services = await until("every service logged the trace", 10_000, async () => {
      const lines = (await allLines()).filter((line) => line.fields?.trace_id === traceId);
      const names = new Set(lines.map((line) => String(line.fields?.service)));
      return names.size >= 3 && lines;
    });
    const names = [...new Set(services.map((line) => String(line.fields?.service)))].sort();
    note("lines with the client's trace id", services.length);
    note("services that logged it", names.join(", "));
    expect(names).toEqual(expect.arrayContaining(["claude-worker", "mcp-gateway", "supervisor"]));
    expect(
      services.some((line) => line.fields?.agent_id !== undefined),
      "an agent logged it",
    ).toBe(true);
  });

  verifies("LOG-3", async () => {
    const canaries = system().keys.canaries();
    const found: string[] = [];
    const look = (where: string, text: string, tokens = true): void => {
      for (const name of leaksIn(text, canaries, tokens)) found.push(`${name} in ${where}`);
    };
    for (const { where, text } of await system().outputs()) look(where, text);
    const messages = await lookIntoStreams(look);
    for (const container of own()) look(`metrics of ${container.name}`, await metricsOf(container));
    await lookAtCommandLines(look);
    note("secrets looked for", canaries.length);
    note("stored messages searched", messages);
    note("secrets found", found.length);
    expect(found).toEqual([]);
  });

  async function lookIntoStreams(
    look: (where: string, text: string, tokens?: boolean) => void,
  ): Promise<number> {
    const supervisor = await connectRole(system(), "supervisor");
    let count = 0;
    for (const stream of await supervisor.streams())
      for (const message of await supervisor.all(stream)) {
        count += 1;
        const head = JSON.stringify(message.headers);
        look(`${stream} ${message.subject}`, `${head}${message.data}`, !TOKEN_STREAMS.includes(stream));
      }
    await supervisor.close();
    return count;
  }

  async function lookAtCommandLines(look: (where: string, text: string) => void): Promise<void> {
    const operator = await connectOperator(system());
    const mark = randomBytes(8).toString("hex");
    const task = await operator.submit({
      prompt: `Watched ${mark} [[slow:${slowed(1500)}]] [[say:watched]]`,
    });
    await until("the CLI asks", 15_000, () =>
      system().api.requests.some(({ prompt }) => prompt.includes(mark)),
    );
    const workers = system().containersOf("claude-worker");
    const processes = workers.flatMap((worker) => processesBelow(worker.pid()));
    expect(processes.length, "processes of the workers and of the CLI").toBeGreaterThan(workers.length);
    for (const entry of processes) look(`the command line of process ${entry.innerPid}`, entry.command);
    await resultOf(operator, task, 30_000);
    await operator.close();
  }
});

/** Names of the secrets that a text holds. */
function leaksIn(text: string, canaries: readonly Canary[], tokens: boolean): string[] {
  const names = canaries.filter((canary) => text.includes(canary.value)).map((canary) => canary.name);
  return tokens && TOKEN_SHAPE.test(text) ? [...names, "a token"] : names;
}

async function metricsOf(container: Container): Promise<string> {
  const { spec, address } = container;
  const response = await fetch(`http://${address}:${portOf(spec, "http").port}/metrics`);
  expect(response.status, `metrics of ${container.name}`).toBe(200);
  return response.text();
}
