import { describe, expect, it } from "vitest";

import { formatBytes, formatClock, formatShare, imageName, joinPath, parentPath } from "./format.js";

describe("formatBytes", () => {
  it("uses powers of 1,024 and at most three digits", () => {
    expect([0, 999, 1024, 1536, 1_048_576, 104_857_600, 1_073_741_824].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1 KB",
      "1.5 KB",
      "1 MB",
      "100 MB",
      "1 GB",
    ]);
    expect(formatBytes(1023)).toBe("1 KB");
  });
});

describe("formatShare", () => {
  it("says a common unit once", () => {
    expect(formatShare("190 MB", "512 MB")).toBe("190 / 512 MB");
    expect(formatShare("190 MB", "1 GB")).toBe("190 MB / 1 GB");
    expect(formatShare("0.62 cores", "1 core")).toBe("0.62 / 1 core");
    expect(formatShare("3", "256")).toBe("3 / 256");
  });
});

describe("formatClock", () => {
  it("counts down to zero and not below", () => {
    expect([14_400_000, 61_000, 500, -5].map(formatClock)).toEqual(["4:00:00", "1:01", "0:01", "0:00"]);
  });
});

describe("paths", () => {
  it("join and split at the root too", () => {
    expect(joinPath("/", "a")).toBe("/a");
    expect(joinPath("/a", "b")).toBe("/a/b");
    expect([parentPath("/a"), parentPath("/a/b"), imageName("base@sha256:00")]).toEqual(["/", "/a", "base"]);
  });
});
