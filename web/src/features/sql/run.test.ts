import { beforeEach, describe, expect, it } from "vitest";

import { SqlConnection } from "../../protocol/sql_connection.js";
import { FakeDatabase } from "../../protocol/testing/fake_database.js";
import { FakeTimers } from "../../protocol/testing/fake_terminal.js";
import type { Span } from "./editor/statements.js";
import { remarks_max, Run, wordAt } from "./run.svelte.js";

describe("Run", () => {
  let database: FakeDatabase;
  let connection: SqlConnection;
  let failures: { message: string; place: Span }[];
  let ended: number;
  let resulted: number;

  beforeEach(() => {
    database = new FakeDatabase();
    connection = new SqlConnection({
      dial: database.dial,
      target: { sandbox: "box", engine: "postgres" },
      timers: new FakeTimers(),
      random: () => 0,
      changed: () => undefined,
    });
    connection.connect();
    database.open();
    failures = [];
    ended = 0;
    resulted = 0;
  });

  function start(text: string): { run: Run; id: number } {
    const run = new Run(connection, text, {
      resulted: () => (resulted += 1),
      failed: ({ message }, place) => failures.push({ message, place }),
      ended: () => (ended += 1),
    });
    run.start();
    return { run, id: database.last("execute").id };
  }
  const column = { name: "n", type: "int8", kind: "integer" } as const;
  const completed = { type: "complete", tag: "SELECT 2", rows: 2, affected: null, truncated: false, elapsed_us: 9 } as const;

  it("has a result for each statement that gave rows, with that statement", () => {
    const text = "select '中'; select 2";
    const { run, id } = start(text);
    database.say({ type: "statement", id, index: 0, begin: 0, end: 12 });
    database.say({ type: "columns", id, result: 3, columns: [column] });
    database.say({ type: "progress", id, result: 3, rows: 1 });
    expect([run.rows, run.running, run.statement, resulted]).toEqual([1, true, 1, 1]);
    database.say({ ...completed, id, result: 3 });
    database.say({ type: "statement", id, index: 1, begin: 14, end: 22 });
    database.say({ type: "columns", id, result: 4, columns: [column] });
    database.say({ ...completed, id, result: 4 });
    database.say({ type: "done", id, transaction: "open", cancelled: false, truncated: false });
    expect(run.results.map(({ number, source, total }) => [number, source, total])).toEqual([
      [3, "select '中'", 2],
      [4, "select 2", 2],
    ]);
    expect([run.running, run.failed, run.done?.transaction, ended, resulted]).toEqual([false, false, "open", 1, 1]);
  });

  it("says where a statement failed, in the units of the text", () => {
    const text = "select '🐎' from horses";
    const { run, id } = start(text);
    database.say({ type: "statement", id, index: 0, begin: 0, end: 25 });
    database.say({ type: "error", id, index: 0, code: "42P01", message: "no horses", position: 19 });
    expect(failures).toEqual([{ message: "no horses", place: { from: 17, to: 23 } }]);
    expect(text.slice(17, 23)).toBe("horses");
    expect([run.failed, run.remarks[0]?.kind]).toEqual([true, "error"]);
  });

  it("marks the statement where the database does not say where it failed", () => {
    const { id } = start("select 1; select 1/0");
    database.say({ type: "statement", id, index: 1, begin: 10, end: 20 });
    database.say({ type: "error", id, index: 1, code: "22012", message: "division by zero" });
    expect(failures[0]?.place).toEqual({ from: 10, to: 20 });
  });

  it("calls it no failure when it was cancelled, but when it was stopped otherwise", () => {
    for (const asked of [true, false]) {
      const { run, id } = start("select pg_sleep(60)");
      if (asked) run.cancel();
      database.say({ type: "error", id, index: 0, code: "57014", message: "canceling statement" });
      database.say({ type: "done", id, transaction: "none", cancelled: asked, truncated: asked ? false : "time" });
      expect([run.failed, run.remarks.map(({ kind }) => kind)]).toEqual(asked ? [false, ["cancelled"]] : [true, ["error", "cut"]]);
    }
    expect(database.sent.filter(({ type }) => type === "cancel")).toHaveLength(1);
  });

  it("ends when the session is lost", () => {
    const { run } = start("select pg_sleep(60)");
    database.say({ type: "closed", reason: "runner_restarted", message: "" });
    expect([run.running, run.failed, run.remarks]).toEqual([false, true, [{ kind: "failed", failure: { code: "lost", message: "" } }]]);
  });

  it("knows when the catalog may have changed", () => {
    for (const [text, changed] of [["create table t ()", true], ["select 1", false], [" ROLLBACK", true]] as const) {
      const { run, id } = start(text);
      database.say({ type: "statement", id, index: 0, begin: 0, end: text.length });
      expect(run.changed_catalog, text).toBe(changed);
    }
  });

  it("counts remarks beyond what it keeps, but keeps how it failed", () => {
    const { run, id } = start("call chatty()");
    for (let at = 0; at < remarks_max + 5; ++at) database.say({ type: "notice", id, severity: "NOTICE", code: "", message: String(at) });
    database.say({ type: "error", id, index: 0, code: "P0001", message: "enough" });
    expect([run.remarks.length, run.unsaid, run.remarks.at(-1)?.kind]).toEqual([remarks_max + 1, 5, "error"]);
  });

  it("tells the server to forget what is not looked at any more", () => {
    const { run, id } = start("select 1");
    database.say({ type: "columns", id, result: 3, columns: [column] });
    run.forget();
    expect(database.last("drop").result).toBe(3);
  });
});

describe("wordAt", () => {
  it("is the word, or one sign, or the last sign of the text", () => {
    const text = "select größe, * from";
    expect(wordAt(text, 7)).toEqual({ from: 7, to: 12 });
    expect(wordAt(text, 14)).toEqual({ from: 14, to: 15 });
    expect(wordAt("select 1 +", 10)).toEqual({ from: 9, to: 10 });
    expect(wordAt("", 0)).toEqual({ from: 0, to: 0 });
  });
});
