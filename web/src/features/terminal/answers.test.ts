import { expect, it } from "vitest";

import { isFocusReport } from "./answers.js";

it("knows what xterm.js says of the focus from what is typed", () => {
  expect(["\x1b[I", "\x1b[O"].map(isFocusReport)).toEqual([true, true]);
  expect(["\x1b[A", "\x1bOI", "I", "\x1b[I\x1b[I", ""].map(isFocusReport)).toEqual([false, false, false, false, false]);
});
