import { describe, expect, it } from "vitest";

import { QuotaDraft } from "./quota_draft.svelte.js";

const quota = { sandboxes_max: 3, memory_max_bytes: 1.5 * 1024 ** 3, lifetime_max_s: 14_400 };
const nothing = { sandboxes_max: null, memory_max_bytes: null, lifetime_max_s: null };

describe("QuotaDraft", () => {
  it("gives back what it was given, also where nothing is said", () => {
    expect(new QuotaDraft(quota).quota).toEqual(quota);
    expect(new QuotaDraft(nothing).quota).toEqual(nothing);
  });

  it("takes what is typed, in the units people use", () => {
    const draft = new QuotaDraft(nothing);
    draft.sandboxes = "5";
    draft.memory = "768";
    draft.memory_unit = "MiB";
    draft.hours = "1,5";
    expect(draft.quota).toEqual({ sandboxes_max: 5, memory_max_bytes: 768 * 1024 ** 2, lifetime_max_s: 5400 });
  });

  it("gives nothing while something of it is wrong", () => {
    for (const sandboxes of ["1.5", "many", "-1", "12345"]) {
      const draft = new QuotaDraft(quota);
      draft.sandboxes = sandboxes;
      expect([draft.sandboxes_wrong, draft.quota], sandboxes).toEqual([true, undefined]);
    }
    const draft = new QuotaDraft(quota);
    draft.memory = "lots";
    expect([draft.memory_wrong, draft.quota]).toEqual([true, undefined]);
  });
});
