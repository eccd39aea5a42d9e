import { describe, expect, it } from "vitest";

import { problemIn } from "./problems.js";
import { problems } from "./words/problems.js";

/** What the server puts in, which is a number nearly everywhere. */
const sample = (sentence: string): string => sentence.replace("{a}", "2").replace("{b}", "64");

describe("problemIn", () => {
  it("says every known sentence in Chinese, with what the server put in", () => {
    for (const { en, zh } of problems) expect(problemIn(sample(en), "zh")).toBe(sample(zh));
  });

  it("leaves every known sentence as it is in English", () => {
    for (const { en } of problems) expect(problemIn(sample(en), "en")).toBe(sample(en));
  });

  it("keeps the whole of a choice's names", () => {
    expect(problemIn("must be one of: learner, teacher, admin", "zh")).toBe("应为其中之一：learner, teacher, admin");
  });

  it("passes on what nobody here has heard", () => {
    expect(problemIn("must be blue", "zh")).toBe("must be blue");
    expect(problemIn("must not be empty today", "zh")).toBe("must not be empty today");
  });
});
