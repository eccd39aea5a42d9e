import { describe, expect, it } from "vitest";

import type { QuestionBrief } from "../../../protocol/api.generated.js";
import { columnsOf, type Member } from "./progress_table.js";
import { ruleCounts } from "./rule_counts.js";

describe("ruleCounts", () => {
  it("puts the most frequent first and leaves out what never was, and what nobody here knows", () => {
    expect(ruleCounts({ cells: 2, row_order: 5, limit: 0, newer_rule: 9 })).toEqual([
      { rule: "row_order", count: 5 },
      { rule: "cells", count: 2 },
    ]);
  });
});

describe("columnsOf", () => {
  const questions = [
    { number: 101, title: "One", schema: "shop" },
    { number: 201, title: "Two", schema: "library" },
  ] as QuestionBrief[];
  const member = (answers: Member["questions"]): Member => ({ id: "a", name: "Ann", solved: 0, points: 0, questions: answers });
  const members = [member({ "101": "passed", "201": "failed" }), member({ "101": "passed" })];

  it("counts who has solved each", () => {
    expect(columnsOf(questions, members, "").map(({ number, passed }) => [number, passed])).toEqual([
      [101, 2],
      [201, 0],
    ]);
  });

  it("are those of one database, when one is chosen", () => {
    expect(columnsOf(questions, members, "library").map(({ title }) => title)).toEqual(["Two"]);
  });
});
