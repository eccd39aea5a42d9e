import { beforeEach, describe, expect, it } from "vitest";

import { parseSqlMessage, text_bytes_max, type Done } from "./sql.js";
import { open_timeout_ms, pending_max, SqlConnection, type ExecutionEvent, type SqlConnectionState, type SqlResult } from "./sql_connection.js";
import { FakeDatabase } from "./testing/fake_database.js";
import { FakeTimers } from "./testing/fake_terminal.js";

const order = { sort: [], filter: [] };

describe("SqlConnection", () => {
  let database: FakeDatabase;
  let timers: FakeTimers;
  let states: SqlConnectionState[];
  let connection: SqlConnection;

  beforeEach(() => {
    database = new FakeDatabase();
    timers = new FakeTimers();
    states = [];
    connection = new SqlConnection({
      dial: database.dial,
      target: { sandbox: "box", engine: "postgres" },
      timers,
      random: () => 0,
      changed: (state) => states.push(state),
    });
  });

  interface Run {
    events: ExecutionEvent[];
    ended: SqlResult<Done> | undefined;
  }
  function execute(text: string): Run {
    const run: Run = { events: [], ended: undefined };
    connection.execute(text, true, {
      received: (event) => run.events.push(event),
      ended: (result) => (run.ended = result),
    });
    return run;
  }
  const done = (id: number): void =>
    database.say({ type: "done", id, transaction: "none", cancelled: false, truncated: false });

  it("opens a session of its target", () => {
    connection.connect();
    database.open();
    expect(database.last("open")).toMatchObject({ sandbox: "box", engine: "postgres" });
    expect(connection.state).toMatchObject({ kind: "open", again: false, server: { version: "PostgreSQL 15.13" } });
  });

  it("sends what was asked before the session was open once it is", () => {
    const run = execute("select 1");
    expect(database.sent).toEqual([]);
    database.open();
    const { id, text } = database.last("execute");
    expect(text).toBe("select 1");
    done(id);
    expect(run.ended?.ok).toBe(true);
  });

  it("tells of each step of a run, and only of this run's", () => {
    const first = execute("select 1");
    const second = execute("select 2");
    database.open();
    const [one, two] = database.sent.filter((message) => message.type === "execute");
    database.say({ type: "statement", id: one?.id ?? 0, index: 0, begin: 0, end: 8 });
    database.say({ type: "progress", id: two?.id ?? 0, result: 1, rows: 10 });
    done(one?.id ?? 0);
    expect(first.events.map(({ type }) => type)).toEqual(["statement"]);
    expect(second.events.map(({ type }) => type)).toEqual(["progress"]);
    expect([first.ended?.ok, second.ended]).toEqual([true, undefined]);
  });

  it("opens another session after the runner has restarted, says so, and sends nothing twice", () => {
    connection.connect();
    database.open();
    const run = execute("insert into t values (1)");
    database.say({ type: "closed", reason: "runner_restarted", message: "" });
    expect(run.ended).toEqual({ ok: false, error: { code: "lost", message: "" } });
    expect(connection.state).toEqual({ kind: "waiting", reason: "restarted" });
    timers.advance(1_000);
    database.open();
    expect(connection.state).toMatchObject({ kind: "open", again: true });
    expect(database.sent.filter(({ type }) => type === "execute")).toHaveLength(1);
  });

  it("keeps what it has not sent for the next session", () => {
    connection.connect();
    const run = execute("select 1");
    database.cut();
    expect(run.ended).toBeUndefined();
    timers.advance(1_000);
    database.open();
    expect(database.last("execute").text).toBe("select 1");
  });

  it("waits longer after each failure, and gives up a socket that says nothing", () => {
    connection.connect();
    database.cut();
    timers.advance(125);
    expect(database.dials).toBe(2);
    database.cut();
    timers.advance(125);
    expect(database.dials).toBe(2);
    timers.advance(125);
    expect(database.dials).toBe(3);
    timers.advance(open_timeout_ms);
    expect(connection.state).toEqual({ kind: "waiting", reason: "network" });
  });

  it("ends for good where another session would end as well, until it is asked again", () => {
    connection.connect();
    database.refuse("there is no database shop");
    expect(connection.state).toEqual({ kind: "ended", reason: "open_failed", message: "there is no database shop" });
    timers.advance(60_000);
    expect(database.dials).toBe(1);
    execute("select 1");
    expect(database.dials).toBe(2);
  });

  it("ends when an admin has taken its database back or changed it", () => {
    for (const reason of ["database_removed", "database_changed"] as const) {
      connection.connect();
      database.open();
      const run = execute("select 1");
      database.say({ type: "closed", reason, message: "an administrator did" });
      expect(run.ended).toEqual({ ok: false, error: { code: "lost", message: "an administrator did" } });
      expect(connection.state).toEqual({ kind: "ended", reason, message: "an administrator did" });
    }
  });

  it("ends when it may not open or the machine is gone", () => {
    for (const kind of ["denied", "gone"] as const) {
      connection.connect();
      database.cut({ kind });
      expect(connection.state).toMatchObject({ kind: "ended", reason: kind });
    }
  });

  it("ends at what is no message of this protocol", () => {
    connection.connect();
    database.open();
    database.sayText('{"type":"window","id":1,"rows":"all of them"}');
    expect(connection.state).toMatchObject({ kind: "ended", reason: "protocol" });
    expect(database.connected).toBe(false);
  });

  it("answers views, exports and plans", async () => {
    connection.connect();
    database.open();
    const view = connection.view(7, 200, 100, { sort: [{ column: 0, descending: true }], filter: [] });
    const { id } = database.last("view");
    database.say({ type: "window", id, result: 7, offset: 200, rows: [["1", null]], total: 201, complete: true });
    expect(await view).toMatchObject({ ok: true, value: { rows: [["1", null]], total: 201 } });

    let text = "";
    const exported = connection.export(7, "csv", order, (piece) => (text += piece));
    const export_id = database.last("export").id;
    database.say({ type: "chunk", id: export_id, text: "a,b\n" });
    database.say({ type: "chunk", id: export_id, text: "1,\n" });
    done(export_id);
    expect([(await exported).ok, text]).toEqual([true, "a,b\n1,\n"]);

    const explained = connection.explain("selec 1", false);
    database.say({ type: "error", id: database.last("explain").id, index: 0, code: "42601", message: "syntax error" });
    expect(await explained).toMatchObject({ ok: true, value: { refused: { code: "42601" } } });

    const refused = connection.describe();
    database.say({ type: "failed", id: database.last("describe").id, code: "unavailable", message: "no answer" });
    expect(await refused).toEqual({ ok: false, error: { code: "unavailable", message: "no answer" } });
  });

  it("sends no text that is too large, and not more requests than may wait", () => {
    connection.connect();
    database.open();
    expect(execute("é".repeat(text_bytes_max / 2 + 1)).ended).toMatchObject({ error: { code: "too_large" } });
    expect(execute("é".repeat(text_bytes_max / 2)).ended).toBeUndefined();
    const runs = Array.from({ length: pending_max }, () => execute("select 1"));
    expect(runs.at(-1)?.ended).toMatchObject({ error: { code: "busy" } });
    expect(runs.at(-2)?.ended).toBeUndefined();
  });

  it("says goodbye, and hears nothing afterwards", () => {
    connection.connect();
    database.open();
    const run = execute("select 1");
    connection.dispose();
    expect(database.sent.at(-1)).toEqual({ type: "close" });
    expect([run.ended?.ok, database.connected]).toEqual([false, false]);
    timers.advance(60_000);
    expect(database.dials).toBe(1);
  });
});

describe("parseSqlMessage", () => {
  it("takes what the protocol has, and ignores members it does not know", () => {
    expect(parseSqlMessage('{"type":"progress","id":1,"result":2,"rows":3,"more":true}')).toMatchObject({ rows: 3 });
    expect(parseSqlMessage('{"type":"error","id":1,"index":0,"code":"42P01","message":"m","position":14}')).toBeDefined();
  });

  it("takes nothing else", () => {
    const bad = [
      "",
      "[]",
      "null",
      '"opened"',
      '{"type":"toString","id":1}',
      '{"type":"progress","id":-1,"result":2,"rows":3}',
      '{"type":"progress","id":1,"result":2,"rows":1e300}',
      '{"type":"window","id":1,"result":1,"offset":0,"rows":[[1]],"total":1,"complete":true}',
      '{"type":"closed","reason":"bored","message":""}',
    ];
    for (const text of bad) expect(parseSqlMessage(text), text).toBeUndefined();
  });

  it("takes no plan that is nested deeper than any is", () => {
    const leaf = { operation: "a", object: "", cost: null, rows: null, actual_rows: null, actual_ms: null, loops: null, details: [] };
    const nest = (depth: number): object => {
      let node: object = { ...leaf, children: [] };
      for (let at = 0; at < depth; ++at) node = { ...leaf, children: [node] };
      return { type: "plan", id: 1, plan: { analyzed: false, planning_ms: null, execution_ms: null, text: "", root: node } };
    };
    expect(parseSqlMessage(JSON.stringify(nest(100)))).toBeDefined();
    expect(parseSqlMessage(JSON.stringify(nest(300)))).toBeUndefined();
  });
});
