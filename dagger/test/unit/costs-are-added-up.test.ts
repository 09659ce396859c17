import { expect, it } from "vitest";
import { costEstimate } from "../../src/emit/hand-off/cost-estimate.ts";
import { parsePriceTable } from "../../src/emit/hand-off/price-table.ts";
import { PLATFORMS, type Platform } from "../../src/spec/platform.ts";
import { shopInput, shopSystem } from "./support/hand-off.ts";
import { repoText } from "./support/repo.ts";

const system = shopSystem();
const { prices, emf } = shopInput(system);
const [AMD64, ARM64] = PLATFORMS as [Platform, Platform];
const estimate = costEstimate(system, prices, AMD64, emf.metrics.length);
const line = (item: string) => estimate.lines.find((candidate) => candidate.item === item);

it("counts tasks by size and hours, those above the fewest at the price of Spot", () => {
  const { vcpuHour, gibHour, spotVcpuHour, spotGibHour } = prices.prices.fargate.X86_64;
  const hour = 0.25 * vcpuHour + 0.5 * gibHour;
  const spot = 0.25 * spotVcpuHour + 0.5 * spotGibHour;
  expect(line("shop (Fargate)")?.cost.usual).toBeCloseTo(730 * hour, 2);
  expect(line("shop (Fargate Spot)")?.amount).toEqual({ usual: 2 * 730, busy: 5 * 730 });
  expect(line("shop (Fargate Spot)")?.cost.busy).toBeCloseTo(5 * 730 * spot, 2);
  expect(line("bus (Fargate)")?.amount.usual).toBe(3 * 730);
});

it("takes the price of the processor that the tasks run on, and says which", () => {
  const { vcpuHour, gibHour } = prices.prices.fargate.ARM64;
  const onArm = costEstimate(system, prices, ARM64, emf.metrics.length);
  const hour = onArm.lines.find(({ item }) => item === "shop (Fargate)")?.unitPrice;
  expect(hour).toBeCloseTo(0.25 * vcpuHour + 0.5 * gibHour, 6);
  expect([estimate.cpuArchitecture, onArm.cpuArchitecture]).toEqual(["X86_64", "ARM64"]);
  expect(onArm.total.usual).toBeLessThan(estimate.total.usual);
});

it("leaves out what runs elsewhere or only for a command, and says so", () => {
  const items = estimate.lines.map(({ item }) => item).join();
  expect(items).not.toContain("ledger");
  expect(items).not.toContain("tools");
  expect(estimate.without).toContain("the database");
});

it("its total is the sum of its lines", () => {
  const sum = estimate.lines.reduce((total, { cost }) => total + cost.usual, 0);
  expect(estimate.total.usual).toBeCloseTo(sum, 2);
  expect(estimate.total.busy).toBeGreaterThan(estimate.total.usual);
});

it("says of when and where its prices are, and refuses a table that lacks one", () => {
  expect(estimate).toMatchObject({ asOf: "2026-03-31", region: "us-east-1", currency: "USD" });
  const table = JSON.parse(repoText("ci/aws-prices.json"));
  delete table.prices.efsGibMonth;
  expect(() => parsePriceTable(JSON.stringify(table))).toThrow(/efsGibMonth/);
});
