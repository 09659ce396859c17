import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { expectFree, registryPort } from "../registry-port.ts";

it("no word is the usual port, a number is that one", () => {
  expect(registryPort("", 5000)).toBe(5000);
  expect(registryPort("5001", 5000)).toBe(5001);
});

it.each(["0", "65536", "-1", "50O0", "5001:5000", " 5001", "1e3"])(
  "PORT=%s is refused with the rule",
  (given) => {
    expect(() => registryPort(given, 5000)).toThrow(
      `MS-CHECK-030 PORT=${given} is no number from 1 to 65535. Next: `,
    );
  },
);

it.each(["127.0.0.1", "0.0.0.0"])(
  "a port that another program has on %s is named; a free one stays free",
  async (address) => {
    const server = createServer().listen(0, address);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(expectFree(port)).rejects.toThrow(
      `MS-CHECK-031 port ${port} of this machine is not to be had: another`,
    );
    server.close();
    await once(server, "close");
    await expectFree(port);
    await expectFree(port);
  },
);
