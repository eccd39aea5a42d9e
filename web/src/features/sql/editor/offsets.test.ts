import { describe, expect, it } from "vitest";

import { byteOffset, unitOffset } from "./offsets.js";

describe("places in a text", () => {
  const text = "select 'é', '中文', '🐎', x";

  it("are the same letter in bytes and in units", () => {
    const bytes = new TextEncoder().encode(text);
    for (let unit = 0; unit <= text.length; ++unit) {
      const code = text.codePointAt(unit - 1) ?? 0;
      if (unit > 0 && code > 0xffff) continue;
      const byte = byteOffset(text, unit);
      expect(new TextDecoder().decode(bytes.subarray(0, byte))).toBe(text.slice(0, unit));
      expect(unitOffset(text, byte)).toBe(unit);
    }
  });

  it("begin with their letter when they are inside of it", () => {
    const horse = text.indexOf("🐎");
    const byte = byteOffset(text, horse);
    for (const inside of [0, 1, 2, 3]) expect(unitOffset(text, byte + inside)).toBe(horse);
    expect(unitOffset(text, byte + 4)).toBe(horse + 2);
  });

  it("end with the text", () => {
    expect(unitOffset("abc", 100)).toBe(3);
    expect(byteOffset("abc", 100)).toBe(3);
    expect(unitOffset("", 5)).toBe(0);
  });

  it("count a lone surrogate as what is sent for it", () => {
    expect(byteOffset("\ud800x", 1)).toBe(3);
    expect(unitOffset("\ud800x", 3)).toBe(1);
  });
});
