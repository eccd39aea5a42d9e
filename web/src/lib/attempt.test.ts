import { describe, expect, it, vi } from "vitest";

import { makeFailure, type Failure } from "./api.js";
import { fail, succeed } from "./result.js";

// What the settings need of a browser.
vi.hoisted(() => {
  const nothing = (): void => undefined;
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: nothing });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: nothing }));
  vi.stubGlobal("document", { documentElement: { lang: "", dataset: {} } });
});

const { Attempt, fieldOf } = await import("./attempt.svelte.js");
const { settings } = await import("./settings.svelte.js");

const invalid = (message: string): Failure => makeFailure("invalid", undefined, message);

describe("fieldOf", () => {
  it("finds the field that the server's message begins with", () => {
    expect(fieldOf(invalid("name must have 2 to 64 characters"), ["password", "name"])).toBe("name");
    expect(fieldOf(invalid("quota.sandboxes_max must be at most 8"), ["sandboxes_max"])).toBe("sandboxes_max");
  });

  it("takes no other word for a field, and no other failure for one about a field", () => {
    expect(fieldOf(invalid("names are many"), ["name"])).toBeUndefined();
    expect(fieldOf(invalid("the name is wrong"), ["name"])).toBeUndefined();
    expect(fieldOf(makeFailure("denied", undefined, "name is not yours"), ["name"])).toBeUndefined();
  });
});

describe("Attempt", () => {
  it("keeps what is about a field apart from what is about the whole", async () => {
    const attempt = new Attempt(["name"]);
    await attempt.run(() => Promise.resolve(fail(invalid("name must not be empty"))));
    expect([attempt.problem("name"), attempt.failure, attempt.done]).toEqual(["Must not be empty", undefined, false]);
    await attempt.run(() => Promise.resolve(fail(makeFailure("unavailable"))));
    expect([attempt.problem("name"), attempt.failure?.code]).toEqual([undefined, "unavailable"]);
  });

  it("says what is wrong with a field in the page's language", async () => {
    const attempt = new Attempt(["password"]);
    await attempt.run(() => Promise.resolve(fail(invalid("password must have at most 256 bytes"))));
    settings.language = "zh";
    expect(attempt.problem("password")).toBe("最多 256 字节");
    settings.language = "en";
    expect(attempt.problem("password")).toBe("Must have at most 256 bytes");
  });

  it("does one thing at a time, and forgets the last one's failure", async () => {
    const attempt = new Attempt();
    await attempt.run(() => Promise.resolve(fail(makeFailure("internal"))));
    let end: (() => void) | undefined;
    const slow = attempt.run<number>(() => new Promise((resolve) => (end = () => resolve(succeed(1)))));
    expect([attempt.busy, attempt.failure]).toEqual([true, undefined]);
    expect(await attempt.run(() => Promise.resolve(succeed(2)))).toBeUndefined();
    end?.();
    expect(await slow).toEqual(succeed(1));
    expect([attempt.busy, attempt.done]).toEqual([false, true]);
  });
});
