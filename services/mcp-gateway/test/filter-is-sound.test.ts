import fc from "fast-check";
import { expect, test } from "vitest";
import { DISCOVERY_TYPES, type Discovery } from "../src/discoveries/event.ts";
import { type DiscoveryFilter, matches, parseFilter, parseQuery } from "../src/discoveries/filter.ts";
import { GatewayError } from "../src/errors.ts";

const name = fc.constantFrom("a", "b", "c-1");
const filters: fc.Arbitrary<DiscoveryFilter> = fc.record({
  agentIds: fc.uniqueArray(name),
  roles: fc.uniqueArray(name),
  types: fc.uniqueArray(fc.constantFrom(...DISCOVERY_TYPES)),
  minConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
  text: fc.string({ maxLength: 3 }),
});
const events: fc.Arbitrary<Discovery> = fc.record(
  {
    sequence: fc.nat(),
    timestamp: fc.constant("2026-11-24T12:00:00Z"),
    agent_id: name,
    role: name,
    type: fc.constantFrom(...DISCOVERY_TYPES),
    content: fc.string({ minLength: 1 }),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: ["sequence", "timestamp", "agent_id", "type", "content", "confidence"] },
) as fc.Arbitrary<Discovery>;
const nothing: DiscoveryFilter = { agentIds: [], roles: [], types: [], minConfidence: 0, text: "" };

test("an empty filter matches everything", () => {
  fc.assert(fc.property(events, (event) => matches(nothing, event)));
});

test("a filter matches exactly when each of its parts alone does", () => {
  fc.assert(
    fc.property(filters, events, (filter, event) => {
      const parts = Object.entries(filter).map(([key, value]) =>
        matches({ ...nothing, [key]: value }, event),
      );
      return matches(filter, event) === parts.every(Boolean);
    }),
  );
});

test("a filter made from the event itself matches it, in any case of its text", () => {
  fc.assert(
    fc.property(events, (event) =>
      matches(
        {
          agentIds: [event.agent_id],
          roles: event.role === undefined ? [] : [event.role],
          types: [event.type],
          minConfidence: event.confidence,
          text: event.content.toLowerCase(),
        },
        event,
      ),
    ),
  );
});

test("query and JSON form of a filter mean the same", () => {
  fc.assert(
    fc.property(filters, fc.option(fc.nat(), { nil: undefined }), (filter, after) => {
      const query = new URLSearchParams();
      for (const agent of filter.agentIds) query.append("agent", agent);
      if (filter.roles.length > 0) query.set("role", filter.roles.join(","));
      if (filter.types.length > 0) query.set("type", filter.types.join(","));
      query.set("min_confidence", String(filter.minConfidence));
      query.set("text", filter.text);
      if (after !== undefined) query.set("after", String(after));
      expect(parseQuery(query)).toEqual({ filter, after });
      const json = {
        agent_ids: filter.agentIds,
        roles: filter.roles,
        types: filter.types,
        min_confidence: filter.minConfidence,
        text: filter.text,
      };
      expect(parseFilter(json)).toEqual(filter);
    }),
  );
});

test.each(["type=rumour", "min_confidence=2", "min_confidence=x", "after=-1", "after=1.5", "after=x"])(
  "%s is refused with the parameter's name",
  (query) => {
    const [parameter = ""] = query.split("=");
    const parse = () => parseQuery(new URLSearchParams(query));
    expect(parse).toThrow(GatewayError);
    expect(parse).toThrow(new RegExp(`MS-GW-003.*${parameter}`));
  },
);
