/** How long containers took to become ready, for the rows and for the report. */
import { writeFileSync } from "node:fs";
import type { Member } from "./topology.ts";

/** Times of one run. */
export class ReadyTimes {
  /** From the start of the program to ready, of the first start of each member, ms. */
  readonly byMember = new Map<string, number>();
  readonly #members: readonly Member[];
  readonly #file: string;

  constructor(members: readonly Member[], outDir: string) {
    this.#members = members;
    this.#file = `${outDir}/ready.json`;
  }

  /** Notes a time; the report gets the slowest replica of each service. */
  note(member: Member, milliseconds: number): void {
    this.byMember.set(member.name, milliseconds);
    const slowest: Record<string, number> = {};
    for (const { name, service } of this.#members)
      slowest[service] = Math.max(slowest[service] ?? 0, Math.round(this.byMember.get(name) ?? 0));
    writeFileSync(this.#file, JSON.stringify(slowest));
  }
}
