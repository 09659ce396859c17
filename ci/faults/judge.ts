/** Says whether a planted fault turned exactly its row red. */
import type { RowId } from "../checklist/rows.ts";

/** Judgement of one fault. */
export interface Verdict {
  good: boolean;
  text: string;
}

/** Compares the rows that are red with the one that must be. */
export function judge(fault: RowId, red: readonly RowId[]): Verdict {
  const others = red.filter((row) => row !== fault);
  if (!red.includes(fault)) return { good: false, text: `row ${fault} stayed green` };
  if (others.length > 0) return { good: false, text: `rows ${others.join(", ")} turned red too` };
  return { good: true, text: `row ${fault} is red, no other` };
}
