import { describe, expect, it } from "vitest";

import type { Stats } from "../../protocol/api.generated.js";
import { cpuRate } from "./meters.svelte.js";
import { sparkline } from "./sparkline.js";

const stats = (cpu_ms: number, measured_at: string): Stats => ({
  memory_bytes: 0,
  memory_peak_bytes: 0,
  memory_limit_bytes: 1,
  cpu_ms,
  cpu_limit_millis: 1000,
  processes: 1,
  pids_max: 10,
  disk_bytes: 0,
  disk_limit_bytes: 1,
  inodes: 0,
  inodes_max: 1,
  expires_at: measured_at,
  measured_at,
});

describe("cpuRate", () => {
  it("is CPU time over wall time in thousandths of a core", () => {
    expect(cpuRate(stats(100, "2026-01-01T00:00:00Z"), stats(1100, "2026-01-01T00:00:02Z"))).toBe(500);
  });

  it("knows nothing of an interval of no length, and never falls below zero", () => {
    expect(cpuRate(stats(1, "2026-01-01T00:00:00Z"), stats(5, "2026-01-01T00:00:00Z"))).toBeUndefined();
    expect(cpuRate(stats(9, "2026-01-01T00:00:00Z"), stats(5, "2026-01-01T00:00:02Z"))).toBe(0);
  });
});

describe("sparkline", () => {
  it("ends at the right edge and is empty without two values", () => {
    expect(sparkline([0, 1], 3, 100, 20)).toEqual({ line: "M50.0 20.0L100.0 0.0", area: "M50.0 20.0L100.0 0.0L100 20L50.0 20Z" });
    expect(sparkline([1], 3, 100, 20).line).toBe("");
  });
});
