/** There is a fault for each row, and the judgement about it is strict. */
import { describe, expect, it } from "vitest";
import { ROWS } from "../../checklist/rows.ts";
import { faultOf } from "../faults.ts";
import { judge } from "../judge.ts";

describe("faults", () => {
  it("are there for every row, and each changes something", () => {
    for (const { id } of ROWS) {
      const { what, ...change } = faultOf(id, "canary");
      expect(what).not.toBe("");
      expect(Object.keys(change)).toHaveLength(1);
    }
  });
});

describe("judge", () => {
  it("wants exactly one red row", () => {
    expect(judge(3, [3])).toEqual({ good: true, text: "row 3 is red, no other" });
    expect(judge(3, [])).toEqual({ good: false, text: "row 3 stayed green" });
    expect(judge(3, [1, 3])).toEqual({ good: false, text: "rows 1 turned red too" });
  });
});
