import { beforeEach, describe, expect, it, vi } from "vitest";

import { makeFailure } from "../../lib/api.js";
import { fail, succeed } from "../../lib/result.js";
import { Challenge, firstText } from "./challenge.svelte.js";
import { findNeighbours, neighboursOf } from "./neighbours.js";
import { everything } from "./question_filter.js";
import { Questions } from "./questions.svelte.js";
import type { Graded, QuestionBrief, QuestionPage, RunOutcome, Verdict } from "../../protocol/api.generated.js";

const outcome = { results: [], error: null, limit: null } as unknown as RunOutcome;
const submitted = (passed: boolean): Graded => ({
  outcome,
  verdict: { rule: passed ? "same" : "cells" } as Verdict,
  passed,
  points_earned: passed ? 10 : 0,
  submission_id: "s",
});

describe("Challenge", () => {
  it("forgets a verdict at the next run, and never that the question is solved", async () => {
    const answers = [submitted(true), submitted(false)];
    const challenge = new Challenge(
      {
        run: () => Promise.resolve(succeed(outcome)),
        submit: () => Promise.resolve(succeed(answers.shift() ?? submitted(false))),
      },
      { number: 7, solved: false },
    );
    await challenge.submit("select 1");
    expect([challenge.solved, challenge.submitted?.passed]).toEqual([true, true]);
    await challenge.run("select 2");
    expect([challenge.solved, challenge.submitted, challenge.outcome]).toEqual([true, undefined, outcome]);
    await challenge.submit("select 3");
    expect([challenge.solved, challenge.submitted?.passed, challenge.submissions]).toEqual([true, false, 2]);
  });

  it("does one thing at a time", async () => {
    let end: (() => void) | undefined;
    const challenge = new Challenge(
      {
        run: () => new Promise((resolve) => (end = () => resolve(succeed(outcome)))),
        submit: () => Promise.resolve(succeed(submitted(true))),
      },
      { number: 7, solved: false },
    );
    const running = challenge.run("select 1");
    expect([challenge.busy, await challenge.submit("select 1")]).toEqual(["run", false]);
    end?.();
    expect([await running, challenge.busy, challenge.solved]).toEqual([true, undefined, false]);
  });

  it("keeps what the last run gave when the server does not answer", async () => {
    const answers = [succeed(outcome), fail(makeFailure("unreachable"))];
    const challenge = new Challenge(
      {
        run: () => Promise.resolve(answers.shift() ?? fail(makeFailure("internal"))),
        submit: () => Promise.resolve(fail(makeFailure("internal"))),
      },
      { number: 7, solved: true },
    );
    await challenge.run("select 1");
    expect(await challenge.run("select 2")).toBe(false);
    expect([challenge.outcome, challenge.failure?.code]).toEqual([outcome, "unreachable"]);
    expect(challenge.answers).toBe(2);
  });
});

describe("firstText", () => {
  beforeEach(() => {
    const stored = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    });
  });

  it("is what was typed here, or was submitted last, or is given", () => {
    const question = { number: 7, last_query: null, starter: "SELECT" };
    expect(firstText(question)).toBe("SELECT");
    expect(firstText({ ...question, last_query: "select 1" })).toBe("select 1");
    const challenge = new Challenge({} as never, { number: 7, solved: false });
    challenge.keep("");
    expect(firstText({ ...question, last_query: "select 1" })).toBe("");
  });
});

const page = (numbers: readonly number[], next: string | null): QuestionPage => ({
  questions: numbers.map((number) => ({ number }) as QuestionBrief),
  categories: ["Filtering"],
  next,
});

describe("Questions", () => {
  it("drops the late answer to an older filter", async () => {
    const waiting: (() => void)[] = [];
    const questions = new Questions({
      questions: (filter) =>
        new Promise((resolve) => {
          const answer = page([filter.search === "old" ? 1 : 2], null);
          waiting.push(() => resolve(succeed(answer)));
        }),
    });
    const old = questions.find({ ...everything, search: "old" });
    const young = questions.find({ ...everything, search: "new" });
    waiting[1]?.();
    waiting[0]?.();
    await Promise.all([old, young]);
    expect(questions.list?.map(({ number }) => number)).toEqual([2]);
  });

  it("adds the next page to what is shown", async () => {
    const questions = new Questions({
      questions: (_, after) => Promise.resolve(succeed(after === "" ? page([1], "1") : page([2], null))),
    });
    await questions.find(everything);
    await questions.readMore();
    expect([questions.list?.map(({ number }) => number), questions.more]).toEqual([[1, 2], false]);
  });
});

describe("neighbours", () => {
  it("are those around a question, also when it is in the list no more", () => {
    expect(neighboursOf([101, 103, 105], 103)).toEqual({ previous: 101, next: 105 });
    expect(neighboursOf([101, 105], 103)).toEqual({ previous: 101, next: 105 });
    expect(neighboursOf([], 103)).toEqual({ previous: undefined, next: undefined });
  });

  it("are read no further than the one after", async () => {
    const asked: string[] = [];
    const found = await findNeighbours(
      {
        questions: (_, after) => {
          asked.push(after);
          return Promise.resolve(succeed(after === "" ? page([1, 2], "2") : page([3, 4], "4")));
        },
      },
      everything,
      2,
    );
    expect([found, asked]).toEqual([succeed({ previous: 1, next: 3 }), ["", "2"]]);
  });
});
