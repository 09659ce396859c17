/** Docker's own words, as clients and daemons of several versions print them, and what they mean. */
import { describe, expect, it } from "vitest";
import { classifyDaemon, classifyPull, type DaemonState, type PullState } from "../docker-words.ts";

const failed = (stderr: string, exitCode = 1) => ({ exitCode, stdout: "\n", stderr });
const pulling = (text: string) => failed(`Error response from daemon: ${text}\n`);
const HOST = "https://registry.example/v2/";

describe("`docker version` that prints", () => {
  const socket = "unix:///var/run/docker.sock";
  const get =
    'Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version": dial unix /var/run/docker.sock: connect';
  it.each<[string, string, Partial<DaemonState>]>([
    [
      "what 18 to 28 say without a daemon",
      `Cannot connect to the Docker daemon at ${socket}. Is the docker daemon running?`,
      { kind: "stopped", isDefaultSocket: true },
    ],
    [
      "what 29 says without a daemon",
      `failed to connect to the docker API at ${socket}; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory`,
      { kind: "stopped", isDefaultSocket: true },
    ],
    [
      "Docker Desktop's socket",
      "Cannot connect to the Docker daemon at unix:///Users/a/.docker/run/docker.sock. Is the docker daemon running?",
      { kind: "stopped", isDefaultSocket: false },
    ],
    [
      "the placeholder of Docker Desktop in WSL",
      "\nThe command 'docker' could not be found in this WSL 2 distro.\nWe recommend to activate the WSL integration in Docker Desktop settings.\n",
      {
        kind: "stopped",
        isDefaultSocket: false,
        words:
          "The command 'docker' could not be found in this WSL 2 distro. We recommend to activate the WSL integration in Docker Desktop settings",
      },
    ],
    [
      "Podman under Docker's name whose machine does not run",
      "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`, or try `podman machine init` and `podman machine start` to manage a new Linux VM\nError: unable to connect to Podman socket: failed to connect: dial tcp 127.0.0.1:62099: connect: connection refused",
      { kind: "stopped", isDefaultSocket: false },
    ],
    [
      "what 20.10 says to a user outside the group",
      `Got permission denied while trying to connect to the Docker daemon socket at ${socket}: ${get}: permission denied`,
      { kind: "denied" },
    ],
    [
      "what 28 says to a user outside the group",
      `permission denied while trying to connect to the Docker daemon socket at ${socket}: ${get}: permission denied`,
      { kind: "denied" },
    ],
    [
      "what 29 says to a user outside the group",
      `permission denied while trying to connect to the docker API at ${socket}`,
      { kind: "denied" },
    ],
    [
      "the address of another machine",
      "Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is the docker daemon running?",
      { kind: "unreachable", isDefaultSocket: false },
    ],
    [
      "a host that is not known",
      'error during connect: Get "http://foo:2375/v1.50/version": dial tcp: lookup foo on 10.0.0.53:53: no such host',
      { kind: "unreachable" },
    ],
    [
      "a context that does not exist",
      'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /root/.docker/contexts/meta/ca37/meta.json: no such file or directory',
      { kind: "unreachable" },
    ],
    [
      "a daemon that is too old",
      "Error response from daemon: client version 1.99 is too new. Maximum supported API version is 1.41",
      { kind: "unreachable" },
    ],
  ])("%s", (_, stderr, state) => {
    expect(classifyDaemon(failed(stderr))).toMatchObject(state);
  });

  it("nothing for a long time", () => {
    expect(classifyDaemon(failed("no end within 20 s", 124))).toMatchObject({ kind: "unreachable" });
  });

  it("nothing because there is no such program", () => {
    expect(classifyDaemon(failed("spawn docker ENOENT", 127)).kind).toBe("missing");
  });

  it("a version, be it Podman's", () => {
    const stderr = "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\n";
    expect(classifyDaemon({ exitCode: 0, stdout: "4.3.1\n", stderr })).toMatchObject({
      kind: "answers",
      words: "",
    });
  });
});

describe("`docker pull` that prints", () => {
  it.each<[PullState["kind"], boolean, string]>([
    [
      "limited",
      true,
      "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
    ],
    ["limited", true, "error parsing HTTP 429 response body: unexpected end of JSON input"],
    ["untrusted", false, `Get "${HOST}": x509: certificate signed by unknown authority`],
    [
      "untrusted",
      false,
      `Get "${HOST}": tls: failed to verify certificate: x509: certificate is valid for *.example, not registry.example`,
    ],
    ["untrusted", false, `Get "${HOST}": http: server gave HTTP response to HTTPS client`],
    ["unreachable", false, `Get "${HOST}": dial tcp: lookup registry.example on 10.0.0.53:53: no such host`],
    [
      "unreachable",
      true,
      `Get "${HOST}": dial tcp: lookup registry.example on 10.0.0.53:53: server misbehaving`,
    ],
    ["unreachable", false, `Get "${HOST}": dial tcp 127.0.0.1:443: connect: connection refused`],
    ["unreachable", false, `Get "${HOST}": dial tcp 192.0.2.1:443: connect: network is unreachable`],
    [
      "unreachable",
      true,
      `Get "${HOST}": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    ],
    ["unreachable", true, `Get "${HOST}": context deadline exceeded`],
    ["unreachable", true, `Get "${HOST}": net/http: TLS handshake timeout`],
    [
      "unreachable",
      true,
      `Get "${HOST}": read tcp 10.0.0.2:5000->192.0.2.1:443: read: connection reset by peer`,
    ],
    [
      "unreachable",
      false,
      `Get "${HOST}": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused`,
    ],
    [
      "unreachable",
      false,
      `Get "${HOST}": proxyconnect tcp: tls: first record does not look like a TLS handshake`,
    ],
    [
      "refused",
      false,
      "manifest for registry.example/engine:v9 not found: manifest unknown: manifest unknown",
    ],
    [
      "refused",
      false,
      "pull access denied for engine, repository does not exist or may require 'docker login'",
    ],
    ["refused", true, "received unexpected HTTP status: 503 Service Unavailable"],
    ["full", false, "write /var/lib/docker/tmp/GetImageBlob12: no space left on device"],
  ])("%s, may pass: %s: %s", (kind, mayPass, words) => {
    expect(classifyPull(pulling(words))).toEqual({
      kind,
      mayPass,
      words: `Error response from daemon: ${words}`,
    });
  });

  it("Podman's words for an unknown host", () => {
    const stderr = `Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.
Error: initializing source docker://registry.example/engine:v1: pinging container registry registry.example: Get "${HOST}": dial tcp: lookup registry.example: Temporary failure in name resolution`;
    const state = classifyPull(failed(stderr, 125));
    expect(state).toMatchObject({ kind: "unreachable", mayPass: true });
    expect(state.words).toMatch(/^Error: initializing/);
  });

  it("a password of a proxy, which is not repeated", () => {
    const words = 'Get "http://someone:se/cret@10.0.0.1:3128/v2/": EOF';
    expect(classifyPull(pulling(words)).words).toBe(
      'Error response from daemon: Get "http://***@10.0.0.1:3128/v2/": EOF',
    );
  });
});
