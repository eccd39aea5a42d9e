import { describe, expect, it } from "vitest";

import { hoursOf, joinSize, parseAmount, secondsOf, sizeText, splitSize } from "./amounts.js";

describe("amounts", () => {
  it("shows a size in the unit in which it is short", () => {
    expect([sizeText(512 * 1024 ** 2), sizeText(1024 ** 3), sizeText(1.5 * 1024 ** 3)]).toEqual([
      "512 MiB",
      "1 GiB",
      "1.5 GiB",
    ]);
    expect(sizeText(1030 * 1024 ** 2)).toBe("1030 MiB");
  });

  it("gives back the size that it was given", () => {
    for (const bytes of [64 * 1024 ** 2, 700 * 1024 ** 2, 2.25 * 1024 ** 3, 8 * 1024 ** 3]) {
      const { amount, unit } = splitSize(bytes);
      expect(joinSize(Number(amount), unit), String(bytes)).toBe(bytes);
    }
  });

  it("reads numbers above zero, with either decimal mark, and nothing else", () => {
    expect([parseAmount("8"), parseAmount(" 1.5 "), parseAmount("0,25")]).toEqual([8, 1.5, 0.25]);
    for (const text of ["", "0", "-1", "1e9", "abc", "1.2.3", "Infinity", "9999999999"]) {
      expect(parseAmount(text), text).toBeUndefined();
    }
  });

  it("turns hours into seconds and back", () => {
    expect([secondsOf(0.5), hoursOf(1800), hoursOf(28_800)]).toEqual([1800, "0.5", "8"]);
  });
});
