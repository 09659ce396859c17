import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type ConfigError, configTable, loadConfig } from "../src/config.ts";

const spec = parse(readFileSync(new URL("../service.yaml", import.meta.url), "utf8"));
const keys = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}';
const minimal = { NATS_URL: "nats://127.0.0.1:4222", MCP_PUBLIC_KEYS: keys };
const port = (name: string): number => spec.ports.find((entry: { name: string }) => entry.name === name).port;

function faults(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

test("defaults come from the spec, ports by reference", () => {
  expect(loadConfig(minimal)).toMatchObject({
    httpPort: port("http"),
    grpcPort: port("grpc"),
    natsNkeySeed: undefined,
    allowedHosts: ["*"],
    allowedOrigins: [],
  });
});

test("every variable of the spec is in the table, with its meaning", () => {
  const table = configTable() as { name: string; default: unknown; meaning: string }[];
  expect(table.map(({ name }) => name)).toEqual(spec.env.map(({ name }: { name: string }) => name));
  expect(table.every(({ meaning }) => meaning.length > 0)).toBe(true);
  expect(JSON.stringify(table)).not.toContain("${");
});

test("all faults are told at once, each with its variable, and secrets are not repeated", () => {
  const found = faults({
    NATS_URL: "nowhere",
    HTTP_PORT: "x",
    GRPC_PORT: "70000",
    LOG_LEVEL: "loud",
    MAX_BODY_BYTES: "1",
    MCP_PUBLIC_KEYS: "s3cret",
  });
  const names = ["NATS_URL", "HTTP_PORT", "GRPC_PORT", "LOG_LEVEL", "MAX_BODY_BYTES", "MCP_PUBLIC_KEYS"];
  for (const name of names) expect(found.filter((line) => line.includes(name))).toHaveLength(1);
  expect(found).toHaveLength(names.length);
  expect(found.every((line) => /^MS-CONF-001 .* Next: /.test(line))).toBe(true);
  expect(found.join()).not.toContain("s3cret");
  expect(faults({}).every((line) => line.startsWith("MS-CONF-002"))).toBe(true);
});

test("private keys and keys of another kind are refused", () => {
  for (const set of ['{"keys":[]}', '{"keys":[{"kty":"RSA"}]}', keys.replace('"x"', '"d":"x","x"')]) {
    expect(faults({ ...minimal, MCP_PUBLIC_KEYS: set })).toHaveLength(1);
  }
});

test("*_FILE: read, missing, and given beside the plain variable", () => {
  const path = join(mkdtempSync(join(tmpdir(), "gateway-config-")), "keys");
  writeFileSync(path, `${keys}\n`);
  const { MCP_PUBLIC_KEYS: _, ...rest } = minimal;
  expect(loadConfig({ ...rest, MCP_PUBLIC_KEYS_FILE: path }).publicKeys).toBe(keys);
  expect(faults({ ...rest, MCP_PUBLIC_KEYS_FILE: `${path}x` })).toEqual([
    expect.stringMatching(/^MS-CONF-003 .*ENOENT/),
  ]);
  expect(faults({ ...minimal, MCP_PUBLIC_KEYS_FILE: path })).toEqual([expect.stringContaining("both set")]);
  expect(faults({ ...minimal, NATS_URL_FILE: path })).toEqual([]);
});
