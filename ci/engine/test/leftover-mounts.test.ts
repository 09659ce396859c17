import { expect, it } from "vitest";
import { unmountBelow } from "../leftover-mounts.ts";

const MOUNT_INFO = `22 1 254:0 / / rw - ext4 /dev/vda rw
60 22 254:0 /state/docker /state/docker rw - ext4 /dev/vda rw
61 60 0:44 / /state/docker/overlay2/a\\040b/merged rw - overlay overlay rw
62 22 0:45 / /state2 rw - tmpfs tmpfs rw
`;

it("unmounts what was mounted last first, and nothing whose name only begins alike", async () => {
  const unmounted: string[] = [];
  await unmountBelow("/state", MOUNT_INFO, async (path) => {
    unmounted.push(path);
    return undefined;
  });
  expect(unmounted).toEqual(["/state/docker/overlay2/a b/merged", "/state/docker"]);
});

it("a mount that is in use ends it with its code", async () => {
  const busy = unmountBelow("/state", MOUNT_INFO, async (path) => `umount: ${path}: target is busy.`);
  await expect(busy).rejects.toThrow(/^MS-ENGINE-011 umount: .*busy/);
});
