import { describe, expect, it } from "vitest";

import { everything, filterIn, isEverything, searchOf } from "./question_filter.js";

describe("a filter in an address", () => {
  it("comes back as it was", () => {
    const filter = { search: "top 3 & more", difficulty: "hard", category: "过滤", schema: "shop", solved: "false" } as const;
    expect(filterIn(searchOf(filter))).toEqual(filter);
  });

  it("is no part of the address when it says nothing", () => {
    expect(searchOf(everything)).toBe("");
    expect(isEverything(filterIn("?difficulty=impossible&solved=perhaps&search="))).toBe(true);
    expect(isEverything(filterIn("?schema=shop"))).toBe(false);
  });
});
