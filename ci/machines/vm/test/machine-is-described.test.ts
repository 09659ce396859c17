import { describe, expect, it } from "vitest";
import { jobEnvironment, readJob } from "../job.ts";
import { readable } from "../machine.ts";
import { qemuOptions } from "../qemu-options.ts";
import { releaseSources } from "../root-disk.ts";

describe("the command line", () => {
  it("asks for everything when it says nothing", () => {
    const { job, minutes } = readJob([]);
    expect(job).toEqual({ parts: ["checklist", "engine"], rows: "1,2,3,4,5,6,7", slowness: 20 });
    expect(minutes).toBe(120);
  });

  it.each([
    [["--rows", "8"], "MS-CHECK-014 --rows 8"],
    [["--parts", "checklist,docker"], "MS-CHECK-001 --parts: docker is none of checklist, engine"],
    [["--slowness", "0"], "MS-CHECK-048 --slowness 0"],
    [["--slowness", "many"], "MS-CHECK-048 --slowness many"],
    [["--minutes", "none"], "MS-CHECK-049 --minutes none"],
  ])("is refused with a code: %j", (args, message) => {
    expect(() => readJob(args)).toThrow(message);
  });
});

describe("the machine", () => {
  it("needs no help of the processor, forgets what is written to its own disk, and has the others in order", () => {
    const root = { disk: "/s/root", kernel: "/s/kernel", initrd: "/s/initrd" };
    const options = qemuOptions({ root, disks: ["/s/data", "/s/swap"], console: "/s/console" });
    expect(options.join(" ")).toContain("-accel tcg,");
    expect(options.filter((word) => word.startsWith("file=/s"))).toEqual([
      "file=/s/root,format=raw,if=virtio,cache=unsafe,snapshot=on",
      "file=/s/data,format=raw,if=virtio,cache=unsafe",
      "file=/s/swap,format=raw,if=virtio,cache=unsafe",
    ]);
    expect(options.join(" ")).not.toContain("net");
  });

  it("takes its packages from where the host takes its own", () => {
    const text =
      "Types: deb\nURIs: http://mirror/debian\nSuites: bookworm bookworm-updates\nComponents: main\n";
    const [source] = releaseSources([{ name: "debian.sources", text }], "bookworm");
    expect(source?.text).toContain("URIs: http://mirror/debian\nSuites: trixie trixie-updates\n");
  });

  it("is not built on a host without sources of Debian", () => {
    expect(() => releaseSources([], "bookworm")).toThrow("MS-BASE-004");
  });

  it("gives its scripts words that a shell reads", () => {
    const text = jobEnvironment({ parts: ["checklist", "engine"], rows: "1,6", slowness: 20 });
    expect(text).toContain("PARTS='checklist engine'\nROWS='1,6'\nSLOWNESS='20'\n");
    expect(text).toContain("ENGINE_OPTIONS='--privileged --cgroupns private ");
  });
});

it("what a console shows is read without the terminal's own words", () => {
  expect(
    readable("\u001b[0;1;31mFAILED\u001b[0m to start\r\n\r\n\u001bc\u001b[?7h\u001b[6nlogin:\n"),
  ).toEqual(["FAILED to start", "login:"]);
});
