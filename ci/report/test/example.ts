/** A report with everything in it that the emitters treat in their own way. */
import type { Report } from "../report.ts";

export const EXAMPLE: Report = {
  version: 1,
  summary: { status: "fail", passed: 1, failed: 1 },
  checks: [
    {
      id: 1,
      name: "Supervisor spawns workers in container",
      status: "pass",
      durationMs: 4210,
      evidence: [
        { what: "agent processes", value: 10 },
        { what: "back after kill -9", value: 143, unit: "ms", limit: 220 },
      ],
    },
    {
      id: 6,
      name: "Resource limits enforced",
      status: "fail",
      durationMs: 65_000,
      reason: 'LIMIT-1 a hog <lives> | "on"',
      evidence: [{ what: "peak", value: 268_435_456, unit: "bytes" }],
    },
  ],
  images: [
    {
      name: "supervisor",
      bytes: 6_100_000,
      compressedBytes: 2_700_000,
      limitBytes: 100_000_000,
      readyMs: 43,
      limitReadyMs: 5000,
      digest: "sha256:aa",
      ref: "localhost:5000/mistersmith/supervisor:0.1.0",
    },
    {
      name: "tools",
      bytes: 310_000_000,
      compressedBytes: 100_000_000,
      limitBytes: 300_000_000,
      readyMs: null,
      limitReadyMs: null,
      digest: "",
      ref: "",
    },
  ],
  environment: {
    engine: "v0.19.10",
    bases: "stand-ins",
    cores: 2,
    date: "2026-11-24T12:00:00.000Z",
    revision: "0123456789abcdef0123456789abcdef01234567",
    notes: ["node:24 is a stand-in"],
  },
};
