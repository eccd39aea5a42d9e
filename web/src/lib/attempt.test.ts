import { describe, expect, it } from "vitest";

import { makeFailure, type Failure } from "./api.js";
import { Attempt, fieldOf } from "./attempt.svelte.js";
import { fail, succeed } from "./result.js";

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
