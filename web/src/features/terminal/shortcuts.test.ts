import { describe, expect, it } from "vitest";

import { shortcutOf } from "./shortcuts.js";

const press = (code: string, keys: Partial<KeyboardEvent>): KeyboardEvent =>
  ({ code, altKey: false, shiftKey: false, ctrlKey: false, metaKey: false, ...keys }) as KeyboardEvent;

describe("shortcutOf", () => {
  it("knows the page's own shortcuts by the physical key", () => {
    expect(shortcutOf(press("KeyN", { altKey: true, shiftKey: true }))).toBe("open");
    expect(shortcutOf(press("ArrowLeft", { altKey: true, shiftKey: true }))).toBe("previous");
    expect(shortcutOf(press("KeyF", { ctrlKey: true, shiftKey: true }))).toBe("find");
  });

  it("leaves everything else to the program", () => {
    expect(shortcutOf(press("KeyF", { ctrlKey: true }))).toBeUndefined();
    expect(shortcutOf(press("KeyN", { altKey: true }))).toBeUndefined();
    expect(shortcutOf(press("KeyN", { altKey: true, shiftKey: true, ctrlKey: true }))).toBeUndefined();
    expect(shortcutOf(press("KeyQ", { altKey: true, shiftKey: true }))).toBeUndefined();
  });
});
