import { describe, expect, it } from "vitest";

import { documentProblemIn, problemIn } from "./problems.js";
import { document_problems, document_terms } from "./words/document_problems.js";
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

describe("documentProblemIn", () => {
  it("says every known sentence in Chinese and leaves it in English", () => {
    for (const { en, zh } of document_problems) {
      expect(documentProblemIn(sample(en), "zh")).toBe(sample(zh));
      expect(documentProblemIn(sample(en), "en")).toBe(sample(en));
    }
  });

  it("says the server's own terms in Chinese, and what the database says as it is", () => {
    for (const { en, zh } of document_terms) {
      expect(documentProblemIn(`disagrees with references[0] on hidden dataset 2: ${sample(en)}`, "zh")).toBe(
        `在隐藏数据集 2上与 references[0] 不一致：${sample(zh)}`,
      );
    }
    expect(documentProblemIn("fails on the visible dataset: no such table: a: b\n(hint)", "zh")).toBe(
      "在可见数据集上执行失败：no such table: a: b\n(hint)",
    );
  });

  it("has no sentence twice", () => {
    expect(new Set(document_problems.map(({ en }) => en)).size).toBe(document_problems.length);
  });
});
