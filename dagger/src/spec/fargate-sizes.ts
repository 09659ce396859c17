/** Which task sizes Fargate sells: CPU units and the memory (MiB) that goes with them. */

interface MemoryRange {
  minMiB: number;
  maxMiB: number;
  stepMiB: number;
}

const GIB = 1024;

const SIZES: ReadonlyMap<number, readonly number[] | MemoryRange> = new Map<
  number,
  readonly number[] | MemoryRange
>([
  [256, [512, GIB, 2 * GIB]],
  [512, { minMiB: GIB, maxMiB: 4 * GIB, stepMiB: GIB }],
  [1024, { minMiB: 2 * GIB, maxMiB: 8 * GIB, stepMiB: GIB }],
  [2048, { minMiB: 4 * GIB, maxMiB: 16 * GIB, stepMiB: GIB }],
  [4096, { minMiB: 8 * GIB, maxMiB: 30 * GIB, stepMiB: GIB }],
  [8192, { minMiB: 16 * GIB, maxMiB: 60 * GIB, stepMiB: 4 * GIB }],
  [16384, { minMiB: 32 * GIB, maxMiB: 120 * GIB, stepMiB: 8 * GIB }],
]);

/** Says why a pair is not sold, or undefined when it is. */
export function fargateSizeProblem(cpu: number, memoryMiB: number): string | undefined {
  const memory = SIZES.get(cpu);
  if (!memory) return `${cpu} CPU units are not sold; there are ${[...SIZES.keys()].join(", ")}`;
  if ("stepMiB" in memory) {
    const { minMiB, maxMiB, stepMiB } = memory;
    const inside = memoryMiB >= minMiB && memoryMiB <= maxMiB && (memoryMiB - minMiB) % stepMiB === 0;
    return inside
      ? undefined
      : `${cpu} CPU units take ${minMiB} to ${maxMiB} MiB in steps of ${stepMiB}, not ${memoryMiB}`;
  }
  if (memory.includes(memoryMiB)) return undefined;
  return `${cpu} CPU units take ${memory.join(", ")} MiB, not ${memoryMiB}`;
}
