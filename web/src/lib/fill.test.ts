import { expect, it } from "vitest";

import { fill } from "./fill.js";

it("puts values in, and the word that fits their number", () => {
  const text = "{cores} {cores|core|cores}, {name}";
  expect(fill(text, { cores: 1, name: "a" })).toBe("1 core, a");
  expect(fill(text, { cores: 0.5 })).toBe("0.5 cores, {name}");
});
