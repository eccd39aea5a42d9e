import { describe, expect, it, vi } from "vitest";

// What CodeMirror and the settings need of a browser.
vi.hoisted(() => {
  vi.stubGlobal("navigator", { language: "en", platform: "", userAgent: "", vendor: "" });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined }));
});

const { unitAt, wordAt } = await import("./query_editor.js");

describe("the place of an error", () => {
  it("is counted in the editor's units", () => {
    expect(unitAt("select 1", 7)).toBe(7);
    expect(unitAt("select '商店', x", 17)).toBe(13);
    expect(unitAt("select '😀', x", 13)).toBe(11);
    expect(unitAt("ab", 99)).toBe(2);
  });

  it("is the word that begins there, and something at the end of the text, too", () => {
    expect(wordAt("select nmae from t", 7)).toEqual({ from: 7, to: 11 });
    expect(wordAt("select , 1", 7)).toEqual({ from: 7, to: 8 });
    expect(wordAt("select", 6)).toEqual({ from: 5, to: 6 });
    expect(wordAt("", 3)).toEqual({ from: 0, to: 0 });
  });
});
