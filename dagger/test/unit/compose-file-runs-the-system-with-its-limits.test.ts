import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { emitCompose } from "../../src/emit/compose.ts";
import { emitEnvExample, settingNames } from "../../src/emit/compose-settings.ts";
import { emitPrometheusConf } from "../../src/emit/prometheus-conf.ts";
import { connectionsOf } from "../../src/spec/connections.ts";
import { secretVariables } from "../../src/spec/environment.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenPath, goldenSystem } from "./support/golden.ts";
import { repoObservedSystem, repoSystem } from "./support/repo.ts";

interface ComposeFile {
  services: Record<
    string,
    {
      image: string;
      ports?: string[];
      networks?: string[];
      network_mode?: string;
      depends_on?: Record<string, { condition: string }>;
      environment?: Record<string, string | null>;
      init?: boolean;
      profiles?: string[];
      restart?: string;
      [key: string]: unknown;
    }
  >;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
}

const golden = goldenSystem();
const goldenImages = { bus: "nats:2.15", shop: "golden/shop@sha256:aa" };
const helperImage = "golden/tools";
const system = repoObservedSystem();
const base = repoSystem();
const observability = [...system.keys()].filter((name) => !base.has(name));
const images = Object.fromEntries([...system.keys()].map((name) => [name, `golden/${name}`]));
const file = parse(emitCompose(system, { images, helperImage, observability })) as ComposeFile;

it("golden file", async () => {
  const text = emitCompose(golden, { images: goldenImages, helperImage });
  await expect(text).toMatchFileSnapshot(goldenPath("docker-compose.yml"));
  await expect(emitEnvExample(golden)).toMatchFileSnapshot(goldenPath("env.example"));
});

it("refuses a service without an image", () => {
  expect(() => emitCompose(golden, { images: { bus: "nats:2.15" }, helperImage })).toThrow(
    /no image reference for shop/,
  );
});

describe("every service", () => {
  const services = Object.entries(file.services);

  it.each(services)("%s has no right and no space that it was not given", (_, service) => {
    expect(service).toMatchObject({
      cap_drop: ["ALL"],
      read_only: true,
      security_opt: ["no-new-privileges:true"],
      logging: { driver: "json-file" },
    });
    for (const limit of ["mem_limit", "memswap_limit", "cpus", "pids_limit"])
      expect(service[limit], limit).toBeDefined();
    expect(service.memswap_limit).toBe(service.mem_limit);
  });

  it("is root only where it hands over a volume", () => {
    const roots = services.filter(([, service]) => String(service.user).startsWith("0"));
    expect(roots.map(([name]) => name)).toEqual(["nats-volumes", "postgres-volumes", "prometheus-volumes"]);
    for (const [, service] of roots) expect(service.network_mode).toBe("none");
  });

  it("starts after what it depends on is healthy", () => {
    expect(file.services.supervisor?.depends_on).toEqual({
      "nats-ready": { condition: "service_completed_successfully" },
      postgres: { condition: "service_healthy" },
    });
    expect(file.services["mcp-gateway"]?.depends_on?.supervisor).toEqual({ condition: "service_healthy" });
    const started = services.flatMap(([name, { depends_on: on = {} }]) =>
      Object.entries(on).flatMap(([to, { condition }]) =>
        condition === "service_started" ? [`${name} ${to}`] : [],
      ),
    );
    expect(started).toEqual(["nats-ready nats"]);
  });

  it("is its own first process; only a person's command gets an init and a profile", () => {
    const withInit = services.filter(([, service]) => service.init).map(([name]) => name);
    expect(withInit).toEqual(["tools"]);
    const profiles = services
      .filter(([, service]) => service.profiles)
      .map(([name, service]) => [name, service.profiles]);
    expect(Object.fromEntries(profiles)).toEqual({
      tools: ["tools"],
      prometheus: ["observability"],
      "prometheus-volumes": ["observability"],
    });
    expect(file.services.tools?.restart).toBeUndefined();
    expect(file.services.supervisor?.restart).toBe("unless-stopped");
  });

  it("gets its secrets as files, and no secret stands in the environment", () => {
    for (const spec of system.values())
      for (const { name, secret } of secretVariables(spec)) {
        const environment = file.services[spec.name]?.environment ?? {};
        expect(environment[`${name}_FILE`]).toBe(`/run/secrets/${secret}`);
        expect(Object.keys(environment)).not.toContain(name);
        expect(file.secrets[secret]).toEqual({ file: `./secrets/${secret}` });
      }
  });
});

describe("networks", () => {
  const members = (network: string) =>
    Object.entries(file.services)
      .filter(([, service]) => service.networks?.includes(network))
      .map(([name]) => name)
      .sort();

  it("join two that talk, and nobody else", () => {
    const inner = Object.entries(file.networks).filter(([, network]) => network.internal);
    expect(inner.map(([name]) => name)).toEqual(connectionsOf(system).map(({ from, to }) => `${from}-${to}`));
    for (const { from, to } of connectionsOf(system))
      expect(members(`${from}-${to}`)).toEqual([from, to].sort());
  });

  it("keep the workers from the database and from the supervisor", () => {
    const pairs = connectionsOf(base).map(({ from, to }) => `${from} ${to}`);
    expect(pairs).toEqual([
      "supervisor nats",
      "supervisor postgres",
      "mcp-gateway nats",
      "claude-worker nats",
      "claude-worker mcp-gateway",
      "tools nats",
      "tools mcp-gateway",
    ]);
  });

  it("lead outside from the workers and the gateway's ports only", () => {
    const open = Object.entries(file.networks).filter(([, network]) => !network.internal);
    expect(open.map(([name]) => name)).toEqual(["published-mcp-gateway", "published-prometheus", "internet"]);
    expect(members("published-mcp-gateway")).toEqual(["mcp-gateway"]);
    expect(members("published-prometheus")).toEqual(["prometheus"]);
    expect(members("internet")).toEqual(["claude-worker"]);
  });
});

it("opens the gateway's ports alone, on loopback unless the person says otherwise", () => {
  const published = Object.entries(file.services).filter(([, service]) => service.ports && !service.profiles);
  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
    [
      "mcp-gateway",
      [
        `\${BIND_ADDRESS:-127.0.0.1}:\${MCP_GATEWAY_HTTP_PORT:-8080}:8080`,
        `\${BIND_ADDRESS:-127.0.0.1}:\${MCP_GATEWAY_GRPC_PORT:-50051}:50051`,
      ],
    ],
  ]);
});

it(".env.example names every variable that the compose file takes from outside, once", () => {
  const text = emitEnvExample(system);
  const listed = [...text.matchAll(/^#([A-Z0-9_]+)=/gm)].map((match) => match[1]);
  const passed = Object.values(file.services).flatMap(({ environment = {} }) =>
    Object.entries(environment).flatMap(([name, value]) => (value === null ? [name] : [])),
  );
  const interpolated = [...JSON.stringify(file).matchAll(/\$\{([A-Z0-9_]+):-/g)].map((match) => match[1]);
  expect([...listed].sort()).toEqual([...new Set([...passed, ...interpolated])].sort());
  expect(settingNames(system).sort()).toEqual([...listed].sort());
  for (const spec of system.values())
    for (const { name } of secretVariables(serviceOf(system, spec.name))) expect(listed).not.toContain(name);
});

it("Prometheus looks at every container of every service of ours, and reaches nothing else", () => {
  const { scrape_configs: jobs } = parse(emitPrometheusConf(system)) as {
    scrape_configs: { job_name: string; dns_sd_configs: { port: number }[] }[];
  };
  expect(jobs.map(({ job_name, dns_sd_configs: [found] }) => [job_name, found?.port])).toEqual([
    ["supervisor", 9090],
    ["mcp-gateway", 8080],
    ["claude-worker", 9091],
  ]);
  const reached = connectionsOf(system).filter(({ from }) => from === "prometheus");
  expect(reached.map(({ to }) => to)).toEqual(["supervisor", "mcp-gateway", "claude-worker"]);
});
