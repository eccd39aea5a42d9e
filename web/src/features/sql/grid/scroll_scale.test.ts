import { describe, expect, it } from "vitest";

import { element_px_max, ScrollScale } from "./scroll_scale.js";

describe("ScrollScale", () => {
  it("changes nothing of a list that a browser can show", () => {
    const scale = new ScrollScale(28_000, 500);
    expect([scale.element_px, scale.scaled, scale.listTop(1_234), scale.scrollTop(1_234)]).toEqual([28_000, false, 1_234, 1_234]);
  });

  it("reaches both ends of a list of a million rows", () => {
    const scale = new ScrollScale(28_000_000, 500);
    expect(scale.element_px).toBe(element_px_max);
    expect(scale.listTop(0)).toBe(0);
    expect(scale.listTop(element_px_max - 500)).toBe(28_000_000 - 500);
    expect(scale.scrollTop(28_000_000 - 500)).toBe(element_px_max - 500);
  });

  it("comes back to where it was", () => {
    const scale = new ScrollScale(28_000_000, 500);
    for (const top of [0, 1, 27, 28, 9_999_999, 27_999_500]) {
      expect(scale.listTop(scale.scrollTop(top))).toBeCloseTo(top, 4);
    }
  });

  it("stays within the list", () => {
    const scale = new ScrollScale(28_000_000, 500);
    expect([scale.clamp(-5), scale.clamp(1e12)]).toEqual([0, 27_999_500]);
    expect(new ScrollScale(100, 500).clamp(50)).toBe(0);
  });
});
