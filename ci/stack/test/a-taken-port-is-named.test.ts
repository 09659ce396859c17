import { expect, it } from "vitest";
import { takenPort } from "../taken-port.ts";

it.each([
  [
    "Docker 20 on Linux",
    "Error response from daemon: driver failed programming external connectivity on endpoint mistersmith-mcp-gateway-1 (5f1c): Bind for 127.0.0.1:8080 failed: port is already allocated",
    "127.0.0.1:8080",
  ],
  [
    "a program that is no container",
    "Error starting userland proxy: listen tcp4 127.0.0.1:50051: bind: address already in use",
    "127.0.0.1:50051",
  ],
  [
    "Docker 28",
    "Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint x (a1): failed to bind host port for 127.0.0.1:8080:172.20.0.2:8080/tcp: address already in use",
    "127.0.0.1:8080",
  ],
  [
    "Docker Desktop on a Mac",
    "Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:8080 -> 0.0.0.0:0: listen tcp 127.0.0.1:8080: bind: address already in use",
    "127.0.0.1:8080",
  ],
  [
    "Docker Desktop, which says no more",
    "Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:8080 -> 0.0.0.0:0: /forwards/expose returned unexpected status: 500",
    "127.0.0.1:8080",
  ],
  [
    "Docker on Windows",
    "Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.",
    "127.0.0.1:8080",
  ],
  [
    "a port that Windows keeps for itself",
    "listen tcp [::1]:50051: bind: An attempt was made to access a socket in a way forbidden by its access permissions.",
    "[::1]:50051",
  ],
  ["no place", "port is already allocated", "a port"],
])("%s", (_, said, place) => {
  expect(takenPort(` Container mistersmith-nats-1  Started\n${said}\n`)).toBe(place);
});

it("another failure is no taken port", () => {
  expect(takenPort("container mistersmith-postgres-1 is unhealthy\n")).toBeUndefined();
});
