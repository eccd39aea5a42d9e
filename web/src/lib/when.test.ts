import { describe, expect, it } from "vitest";

import { formatDistance, formatSpan } from "./when.js";

const now = "2026-11-26T12:00:00Z";
const distance = (at: string, language: "en" | "zh" = "en"): string => formatDistance(at, Date.parse(now), language);

describe("formatDistance", () => {
  it("says how long ago or how soon, in the largest unit that fits", () => {
    expect(distance("2026-11-26T11:59:40Z")).toBe("now");
    expect(distance("2026-11-26T11:30:00Z")).toBe("30 minutes ago");
    expect(distance("2026-11-26T09:00:00Z")).toBe("3 hours ago");
    expect(distance("2026-11-25T11:00:00Z")).toBe("yesterday");
    expect(distance("2026-11-29T13:00:00Z")).toBe("in 3 days");
    expect(distance("2026-11-26T09:00:00Z", "zh")).toBe("3小时前");
  });

  it("says the date when that is far away", () => {
    expect(distance("2026-08-01T12:00:00Z")).toBe("1 Aug 2026");
  });
});

describe("formatSpan", () => {
  it("says the two largest parts", () => {
    expect([formatSpan(93_784, "en"), formatSpan(59, "en"), formatSpan(3600, "en")]).toEqual(["1 d 2 h", "59 s", "1 h"]);
    expect([formatSpan(0, "en"), formatSpan(93_784, "zh")]).toEqual(["0 s", "1 天 2 小时"]);
  });
});
