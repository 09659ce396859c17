import { expect, it } from "vitest";
import { RegistryToken } from "../../src/publication/registry-token.ts";

const HOUR = 60 * 60 * 1000;

/** Logins of twelve hours, and a clock that is set by hand. */
function tokens() {
  const clock = { now: 0, asked: 0 };
  const ask = async () => {
    clock.asked++;
    return { host: "r", username: "AWS", password: `p${clock.asked}`, expires: clock.now + 12 * HOUR };
  };
  return { clock, token: new RegistryToken(ask, () => clock.now) };
}

it("one login serves a publication, also when images ask at the same time", async () => {
  const { clock, token } = tokens();
  const logins = await Promise.all([token.current(), token.current(), token.current()]);
  expect(new Set(logins.map(({ password }) => password))).toEqual(new Set(["p1"]));
  expect(clock.asked).toBe(1);
});

it("a push that starts in the login's last hour gets a new one", async () => {
  const { clock, token } = tokens();
  await token.current();
  clock.now = 11 * HOUR;
  expect((await token.current()).password).toBe("p1");
  clock.now = 11 * HOUR + 1;
  expect((await token.current()).password).toBe("p2");
});

it("a login that the registry refused is not used again", async () => {
  const { token } = tokens();
  await token.current();
  token.forget();
  expect((await token.current()).password).toBe("p2");
});

it("a question that failed is asked again", async () => {
  let asked = 0;
  const token = new RegistryToken(async () => {
    if (asked++ === 0) throw new Error("busy");
    return { host: "r", username: "AWS", password: "p", expires: Date.now() + 12 * HOUR };
  });
  await expect(token.current()).rejects.toThrow("busy");
  expect((await token.current()).password).toBe("p");
});
