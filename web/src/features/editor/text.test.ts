import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";

import { decodeText, lineBreakOf } from "./text.js";

describe("lineBreakOf", () => {
  it("lets every text be saved as it was read", () => {
    for (const text of ["", "a", "a\nb\n", "a\r\nb\r\n", "a\nb\r\nc\n", "a\rb\n", "a\r\nb\rc\r\n", "\r", "\r\r\n"]) {
      const state = EditorState.create({ doc: text, extensions: EditorState.lineSeparator.of(lineBreakOf(text)) });
      expect(state.sliceDoc(), JSON.stringify(text)).toBe(text);
    }
  });

  it("takes CRLF only for a file whose every line ends so", () => {
    expect(["a\r\nb\r\n", "a\r\nb\n", "a\r\nb\rc\r\n", "a\n", "a"].map(lineBreakOf)).toEqual(["\r\n", "\n", "\n", "\n", "\n"]);
  });
});

describe("decodeText", () => {
  it("refuses what is no text", () => {
    const bytes = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;
    expect([decodeText(bytes(0x68, 0x69)), decodeText(bytes(0xff)), decodeText(bytes(0x61, 0))]).toEqual([
      "hi",
      undefined,
      undefined,
    ]);
  });
});
