import { describe, expect, it } from "vitest";
import { capabilityOptions } from "../capabilities.ts";

const added = (options: string[]) => options.filter((_, index) => options[index - 1] === "--cap-add");

describe("the engine's capabilities", () => {
  it.each(["000001ffffffffff", "0000003fffffffff"])("are all of a full set: %s", (set) => {
    expect(capabilityOptions(set)).toEqual(["--privileged"]);
  });

  it("leave out the one that the bounding set lacks", () => {
    const names = added(capabilityOptions("000001fffeffffff"));
    expect(names).toHaveLength(37);
    expect(names).not.toContain("SYS_RESOURCE");
    expect(names).toContain("SYS_ADMIN");
  });

  it("never name one that old Docker refuses", () => {
    const names = added(capabilityOptions("000001fffffffffe"));
    expect(names).not.toContain("CHOWN");
    expect(names.filter((name) => /BPF|PERFMON|CHECKPOINT/.test(name))).toEqual([]);
  });

  it("come with the system calls and paths that privileged containers have", () => {
    const options = capabilityOptions("0000000000000001");
    expect(added(options)).toEqual(["CHOWN"]);
    expect(options).toContain("seccomp=unconfined");
    expect(options).toContain("systempaths=unconfined");
  });
});
