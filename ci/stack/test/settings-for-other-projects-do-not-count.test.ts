import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { down } from "../down.ts";
import { up } from "../up.ts";
import { TryMachine } from "./support/try-stack.ts";

const FOREIGN = {
  COMPOSE_PROJECT_NAME: "other",
  COMPOSE_FILE: "/somewhere/compose.yaml",
  COMPOSE_PROFILES: "tools",
  COMPOSE_ENV_FILES: "/somewhere/.env",
  COMPOSE_DISABLE_ENV_FILE: "1",
  COMPOSE_IGNORE_ORPHANS: "1",
  COMPOSE_COMPATIBILITY: "1",
  COMPOSE_STATUS_STDOUT: "1",
  DOCKER_DEFAULT_PLATFORM: "linux/riscv64",
} as const;

let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
  machine.writeImages();
  for (const [name, value] of Object.entries(FOREIGN)) vi.stubEnv(name, value);
  vi.stubEnv("COMPOSE_ANSI", "never");
  vi.stubEnv("MCP_GATEWAY_HTTP_PORT", "18080");
});
afterEach(() => machine.remove());

it.each([
  ["up", () => up({ demo: true, observability: false, images: machine.images })],
  ["down", () => down(false)],
])(
  "%s runs this project, with this stack's settings and how a person wants to see it",
  async (_, command) => {
    await command();
    const calls = machine.calls.filter((call) => / compose .*(up|down|port) /.test(call));
    for (const call of calls) expect(call).toContain("--project-name mistersmith");
    for (const name of Object.keys(FOREIGN))
      expect(machine.environment).not.toMatch(new RegExp(`^${name}=`, "m"));
    expect(machine.environment).toMatch(/^COMPOSE_ANSI=never$/m);
    expect(machine.environment).toMatch(/^MCP_GATEWAY_HTTP_PORT=18080$/m);
  },
);
