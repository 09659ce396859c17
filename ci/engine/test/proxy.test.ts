import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { engineProxy, PIPELINE_HOSTS } from "../proxy.ts";

const PROXY = "http://proxy.example:3128";

describe("the engine's container is given", () => {
  it("nothing where there is no proxy, whatever NO_PROXY says", () => {
    expect(engineProxy({ NO_PROXY: "a.example", HTTP_PROXY: "", https_proxy: " " })).toEqual({
      env: {},
      problems: [],
    });
  });

  it("the proxies under the names that it reads, however the shell writes them", () => {
    const { env } = engineProxy({
      http_proxy: PROXY,
      HTTPS_PROXY: "proxy.example:3128",
      all_proxy: "socks5://s:1080",
    });
    expect(env).toMatchObject({
      HTTP_PROXY: PROXY,
      HTTPS_PROXY: "proxy.example:3128",
      ALL_PROXY: "socks5://s:1080",
    });
  });

  it("the upper case where both are set, as Go reads them", () => {
    expect(engineProxy({ http_proxy: "http://lower:1", HTTP_PROXY: PROXY }).env.HTTP_PROXY).toBe(PROXY);
  });

  it("the person's exceptions, its own hosts and the registry, each once", () => {
    const { env } = engineProxy({ HTTPS_PROXY: PROXY, no_proxy: "a.example, .b.example localhost" }, [
      "172.17.0.1",
    ]);
    const hosts = env.NO_PROXY?.split(",") ?? [];
    expect(hosts.slice(0, 3)).toEqual(["a.example", ".b.example", "localhost"]);
    for (const host of ["127.0.0.1", "::1", ".dagger.local", "nats", "172.17.0.1"])
      expect(hosts).toContain(host);
    expect(new Set(hosts).size).toBe(hosts.length);
  });
});

describe("a proxy that the container cannot use is left out and named,", () => {
  it.each([
    ["http://127.0.0.1:3128", "that is the container itself"],
    ["localhost:8888", "that is the container itself"],
    ["http://[::1]:3128", "that is the container itself"],
    ["socks5://127.9.9.9:1080", "that is the container itself"],
    ["http://", "an address reads http://HOST:PORT"],
    ["http://proxy.example:port", "an address reads http://HOST:PORT"],
  ])("such as %s", (value, words) => {
    const { env, problems } = engineProxy({ HTTPS_PROXY: value });
    expect(env).toEqual({});
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^MS-ENGINE-019 HTTPS_PROXY is .*\. Next: give an address that a container reaches/,
      ),
    ]);
    expect(problems[0]?.message).toContain(words);
  });

  it.each([
    "http://someone:s3cret@127.0.0.1:3128",
    "someone:s3cret@localhost:3128",
    "http://someone:s3#cret@proxy:1",
    "http://someone:s3@cret@127.0.0.1:3128",
  ])("without its password: %s", (value) => {
    const [problem] = engineProxy({ HTTP_PROXY: value }).problems;
    expect(problem?.message).toContain("http://***@");
    expect(problem?.message).not.toMatch(/s3|cret|someone/);
  });

  it("while the others are given", () => {
    const { env, problems } = engineProxy({ HTTP_PROXY: PROXY, HTTPS_PROXY: "http://localhost:1" });
    expect(Object.keys(env)).toEqual(["HTTP_PROXY", "NO_PROXY"]);
    expect(problems).toHaveLength(1);
  });
});

it("every name that the pipeline gives to a container goes past the proxy", () => {
  const folder = fileURLToPath(new URL("../../../dagger/src/adapters", import.meta.url));
  const sources = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "utf8"));
  const binders = sources.filter((source) => source.includes("withServiceBinding("));
  const name = /(?:\bhost: |\b(?:HOST|host|GATEWAY|WORKER) = )"([a-z-]+)"/g;
  const names = binders.flatMap((source) => [...source.matchAll(name)].map(([, found]) => found));
  expect(names.length).toBeGreaterThan(5);
  expect(PIPELINE_HOSTS).toEqual(expect.arrayContaining(names));
});
