import { readFileSync } from "node:fs";

import { describe, expect, it, vi } from "vitest";

import { succeed } from "../../lib/result.js";
import type { AuditEntry } from "../../protocol/api.generated.js";

// What the settings need of a browser.
vi.hoisted(() => {
  const nothing = (): void => undefined;
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: nothing });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: nothing }));
  vi.stubGlobal("navigator", { language: "en" });
});

const { AuditLog } = await import("./audit.svelte.js");
const { endOfDay, filterOf, no_filter } = await import("./audit_filter.js");
const { deedOf, detailText } = await import("./audit_sentence.js");
const { audit_actions } = await import("../../lib/words/audit.js");

describe("deedOf", () => {
  it("has words for every action that the server records", () => {
    const source = readFileSync(new URL("../../../../src/identity/audit_log.cc", import.meta.url), "utf8");
    const recorded = [...source.matchAll(/AuditAction::\w+, "([a-z_.]+)"/g)].map(([, name]) => name);
    expect(recorded.length).toBeGreaterThan(20);
    expect(recorded.filter((name) => !audit_actions.some((action) => action === name))).toEqual([]);
  });

  it("leaves a place for the name of whom it was done to", () => {
    expect(deedOf({ action: "class.member_removed" })).toEqual({
      before: "removed ",
      after: " from a class",
      names_subject: true,
    });
    expect(deedOf({ action: "session.closed" }).names_subject).toBe(false);
  });

  it("says the name of an action that it does not know", () => {
    for (const action of ["rocket.launched", "other", "constructor"]) {
      expect(deedOf({ action }).before, action).toBe(`did ${action} to `);
    }
  });
});

describe("detailText", () => {
  it("says what changed, however it is nested", () => {
    expect(detailText({ role: "teacher", memory_max_bytes: null })).toBe("role: teacher · memory max bytes: –");
    expect(detailText({ a: { b: { c: { d: { e: 1 } } } } })).toContain("…");
  });
});

describe("filterOf", () => {
  it("reads the filter of an address, and nothing else of it", () => {
    expect(filterOf("?actor=x&actor_name=Ann&evil=1")).toEqual({ ...no_filter, actor: "x", actor_name: "Ann" });
    expect(filterOf("")).toEqual(no_filter);
  });

  it("takes no day that is none", () => {
    expect(endOfDay("2026-13-45")).toBe("");
    expect(endOfDay("2026-11-26")).toMatch(/^2026-11-2[5-7]T\d\d:59:59Z$/);
  });
});

describe("AuditLog", () => {
  const entry = (id: string): AuditEntry => ({ id }) as AuditEntry;

  it("reads on where the last page ended, and begins anew with another filter", async () => {
    const asked: string[] = [];
    const log = new AuditLog({
      audit: (query, before) => {
        asked.push(`${query.actor}/${before}`);
        const page = before === "" ? { entries: [entry("3"), entry("2")], next: "2" } : { entries: [entry("1")], next: null };
        return Promise.resolve(succeed(page));
      },
    });
    await log.find(no_filter);
    await log.readMore();
    expect([log.entries?.map(({ id }) => id), log.more]).toEqual([["3", "2", "1"], false]);
    await log.find({ ...no_filter, actor: "x" });
    expect([asked, log.entries?.length]).toEqual([["/", "/2", "x/"], 2]);
  });

  it("drops a late answer to a search that is not wanted any more", async () => {
    const ends: (() => void)[] = [];
    const log = new AuditLog({
      audit: (query) =>
        new Promise((resolve) => ends.push(() => resolve(succeed({ entries: [entry(query.actor)], next: null })))),
    });
    const first = log.find({ ...no_filter, actor: "old" });
    const second = log.find({ ...no_filter, actor: "new" });
    ends[1]?.();
    ends[0]?.();
    await Promise.all([first, second]);
    expect(log.entries?.map(({ id }) => id)).toEqual(["new"]);
  });
});
