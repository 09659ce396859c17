import { expect, it } from "vitest";
import { redact } from "../redact.ts";

const nobody = { home: "/root", host: "localhost", env: {} };

it.each([
  ["a proxy's password", "http://me:pa55@proxy:3128", "http://***@proxy:3128"],
  ["one with an @ in it", "proxy http://me:p@ss/w@proxy:3128 set", "proxy http://***@proxy:3128 set"],
  ["one without a scheme", "HTTPS_PROXY=me:pa55@proxy:3128", "HTTPS_PROXY=***@proxy:3128"],
  ["a home folder", "/home/ada/.docker and /Users/ada/x", "~/.docker and ~/x"],
  ["root's home folder", "/root/.cache/mistersmith", "~/.cache/mistersmith"],
])("%s is left out", (_, text, clean) => {
  expect(redact(text, nobody)).toBe(clean);
});

it.each([
  "pulled from docker.io/library/debian:bookworm-slim@sha256:0123",
  "engine v0.19.10 on Debian 12, kernel 6.1, 25.3 GB",
  "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
])("%s stays as it is", (text) => {
  expect(redact(text, nobody)).toBe(text);
});

it("values of secret variables are left out wherever they stand, the longest first", () => {
  const env = { API_TOKEN: "abc123", ANTHROPIC_API_KEY: "sk-abc123-def", PLAIN: "bookworm", GH_TOKEN: "on" };
  expect(redact("said: sk-abc123-def, abc123, bookworm, on", { ...nobody, env })).toBe(
    "said: ***, ***, bookworm, on",
  );
});

it("the machine's name is left out, also one with a dot; a name that many have stays", () => {
  const text = "lookup adas-mac.local and ADAS-MAC.LOCAL:5000 but not adas-machine";
  expect(redact(text, { ...nobody, host: "adas-mac.local" })).toBe(
    "lookup HOST and HOST:5000 but not adas-machine",
  );
  expect(redact("Debian on debian", { ...nobody, host: "debian" })).toBe("Debian on debian");
});
