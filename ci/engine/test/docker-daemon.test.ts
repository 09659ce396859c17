import { expect, it } from "vitest";
import { gatewayOf } from "../docker-daemon.ts";

it("the bridge's address is what Docker says, or what it takes without saying", () => {
  expect(gatewayOf({ Subnet: "172.17.0.0/16", Gateway: "172.17.0.9" })).toBe("172.17.0.9");
  expect(gatewayOf({ Subnet: "172.17.0.0/16" })).toBe("172.17.0.1");
  expect(gatewayOf({ Subnet: "10.1.2.128/25" })).toBe("10.1.2.129");
});
