import { describe, expect, it } from "vitest";

import { joinPath } from "./format.js";
import { pathName, pathQuery, shownPath } from "./path_bytes.js";

const named = (...bytes: number[]): string =>
  pathName({ name: "\ufffd", name_base64: Buffer.from(bytes).toString("base64url") });
const bytesOf = (path: string): number[] => [
  ...Buffer.from(new URLSearchParams(pathQuery(path)).get("path_base64") ?? "", "base64url"),
];

describe("paths", () => {
  it("that are UTF-8 go as they are", () => {
    expect(pathName({ name: "h\u00e9 \u{1f40e}" })).toBe("h\u00e9 \u{1f40e}");
    expect(pathQuery("/h\u00e9 \u{1f40e}", "to")).toBe("to=%2Fh%C3%A9%20%F0%9F%90%8E");
  });

  it("keep names apart that look the same, and give their bytes back", () => {
    const [one, two] = [named(0xff), named(0xfe)];
    expect(one).not.toBe(two);
    expect(shownPath(one)).toBe(shownPath(two));
    expect(bytesOf(joinPath("/a", one))).toEqual([0x2f, 0x61, 0x2f, 0xff]);
  });

  it("survive characters cut short, overlong forms and encoded surrogates", () => {
    for (const bytes of [[0xc3], [0xe2, 0x82], [0xc0, 0x80], [0xed, 0xb2, 0x80], [0xf0, 0x9f, 0x90, 0x8e, 0x80], [0x80, 0xc3, 0xa9]]) {
      expect(bytesOf(named(...bytes)), String(bytes)).toEqual(bytes);
    }
  });
});
