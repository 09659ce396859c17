import { expect, it } from "vitest";
import { undoRules } from "../host-network.ts";

const SAVED = `# Generated
*filter
:INPUT ACCEPT [1:2]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i lo -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
`;

it("takes back Docker's rules before its chains, and the policy, but no rule of another", () => {
  expect(undoRules("filter", SAVED, "ACCEPT").split("\n")).toEqual([
    "*filter",
    ":FORWARD ACCEPT [0:0]",
    "-D FORWARD -j DOCKER-USER",
    "-D FORWARD -i docker0 ! -o docker0 -j ACCEPT",
    "-D DOCKER-USER -j RETURN",
    "-X DOCKER",
    "-X DOCKER-USER",
    "COMMIT",
    "",
  ]);
});

it("leaves policies of other tables alone", () => {
  expect(undoRules("nat", "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "DROP")).toBe("*nat\nCOMMIT\n");
});
