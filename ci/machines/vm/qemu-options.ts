/** How the virtual machine is started. */
import type { RootDisk } from "./root-disk.ts";

const PROCESSORS = 2;
const MEMORY_MIB = 6144;

/** What a machine is made of. */
export interface Machine {
  root: RootDisk;
  /** More disks. */
  disks: readonly string[];
  /** Gets what is written to the console. */
  console: string;
}

/**
 * Options of qemu-system-x86_64. There is no network in it. It does without the processor's help for virtual machines,
 * which not every host has; that makes it several times slower than the host.
 */
export function qemuOptions({ root, disks, console }: Machine): string[] {
  const drive = (file: string, more = "") => [
    "-drive",
    `file=${file},format=raw,if=virtio,cache=unsafe${more}`,
  ];
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-accel", "tcg,thread=multi", "-cpu", "max"],
    ...["-smp", String(PROCESSORS), "-m", String(MEMORY_MIB)],
    ...["-serial", `file:${console}`, "-device", "virtio-rng-pci"],
    ...["-kernel", root.kernel, "-initrd", root.initrd],
    ...["-append", "root=/dev/vda rw console=ttyS0 quiet panic=-1"],
    // What is written to it is forgotten: every run starts from the same machine.
    ...drive(root.disk, ",snapshot=on"),
    ...disks.flatMap((disk) => drive(disk)),
  ];
}
