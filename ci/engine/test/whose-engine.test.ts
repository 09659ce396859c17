/** Whose an engine's container is: one of another user, or of another state folder, is used and left alone. */
import { expect, it } from "vitest";
import { readContainer } from "../inspect-engine.ts";

const STATE = "/home/me/.cache/mistersmith";
const container = (
  source: string,
  labels: Record<string, string> = { "io.mistersmith.stand-in": "true" },
) => ({
  State: { Running: true },
  Config: { Labels: labels, Env: ["A=1"] },
  Mounts: [
    { Source: "/var/lib/docker/volumes/x/_data", Destination: "/a" },
    { Source: source, Destination: "/b" },
  ],
});

it.each([
  ["this state folder", `${STATE}/engine`, true],
  ["this state folder behind Docker Desktop", `/host_mnt${STATE}/certificates`, true],
  ["another user", "/root/.cache/mistersmith/engine", false],
  ["another state folder of this user", `${STATE}-2/engine`, false],
])("a stand-in of %s, be it of an older version without further labels", (_, source, isKeptHere) => {
  expect(readContainer(container(source), STATE)).toEqual({
    running: true,
    isStandIn: true,
    isKeptHere,
    print: "",
    env: ["A=1"],
    mountPoints: ["/a", "/b"],
  });
});

it("a stock engine, which has no labels and a volume alone", () => {
  const bare = { State: { Running: false }, Config: { Labels: null, Env: null }, Mounts: null };
  expect(readContainer(bare, STATE)).toEqual({
    running: false,
    isStandIn: false,
    isKeptHere: false,
    print: "",
    env: [],
    mountPoints: [],
  });
});
