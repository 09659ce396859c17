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
      platform: "linux/amd64",
      bytes: 6_100_000,
      compressedBytes: 2_700_000,
      limitBytes: 100_000_000,
      readyMs: 43,
      limitReadyMs: 5000,
      digest: "sha256:aa",
      ref: "localhost:5000/mistersmith/supervisor:0.1.0",
      evidence: {
        layers: [
          { digest: `sha256:${"ab".repeat(32)}`, bytes: 2048, compressedBytes: 900 },
          { digest: `sha256:${"cd".repeat(32)}`, bytes: 6_097_952, compressedBytes: 2_699_100 },
        ],
        packages: { cargo: 165, deb: 2 },
        licences: { kinds: 9, refused: 0, mostFrequent: "MIT OR Apache-2.0" },
        signature: "unsigned",
        lint: { findings: 0, rules: [] },
      },
    },
    {
      name: "tools",
      platform: "linux/amd64",
      bytes: 310_000_000,
      compressedBytes: 100_000_000,
      limitBytes: 300_000_000,
      readyMs: null,
      limitReadyMs: null,
      digest: "",
      ref: "",
      evidence: {
        layers: [{ digest: `sha256:${"ef".repeat(32)}`, bytes: 310_000_000, compressedBytes: 100_000_000 }],
        packages: { golang: 400 },
        vulnerabilities: {
          bySeverity: { low: 2, medium: 0, high: 0, critical: 1 },
          ignored: 1,
          refused: 1,
        },
        licences: { kinds: 12, refused: 1, mostFrequent: "Apache-2.0" },
        signature: "unpublished",
        lint: { findings: 3, rules: ["setuid", "shell"] },
      },
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
  handOff: [
    { path: "handoff/README.md", bytes: 900 },
    { path: "handoff/cloudformation.yaml", bytes: 70_000 },
    { path: "handoff/task-definitions/a<b.json", bytes: 4000 },
  ],
};
