import { beforeEach, describe, expect, it } from "vitest";

import type { Order, Row, Window } from "../../protocol/sql.js";
import type { SqlResult } from "../../protocol/sql_connection.js";
import { page_rows, StoredResult } from "./stored_result.svelte.js";

interface Asked {
  readonly offset: number;
  readonly limit: number;
  readonly order: Order;
  answer(total: number, complete?: boolean): Promise<void>;
  refuse(code: string): Promise<void>;
}

describe("StoredResult", () => {
  let asked: Asked[];
  let result: StoredResult;

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; ++turn) await Promise.resolve();
  };
  const view = (number: number, offset: number, limit: number, order: Order): Promise<SqlResult<Window>> =>
    new Promise((resolve) => {
      asked.push({
        offset,
        limit,
        order,
        answer: (total, complete = true) => {
          const count = Math.max(0, Math.min(limit, total - offset));
          const rows = Array.from({ length: count }, (_, at): Row => [String(offset + at)]);
          resolve({ ok: true, value: { result: number, offset, rows, total, complete } });
          return settle();
        },
        refuse: (code) => {
          resolve({ ok: false, error: { code, message: "" } });
          return settle();
        },
      });
    });
  const complete = (rows: number): void =>
    result.complete({ result: 7, tag: "SELECT", rows, affected: null, truncated: false, elapsed_us: 1 });

  beforeEach(() => {
    asked = [];
    result = new StoredResult(7, [{ name: "n", type: "int8", kind: "integer" }], "select n", view);
  });

  it("asks for the pages that are looked at, and for each once", async () => {
    complete(1_000_000);
    result.want(199, 205);
    result.want(199, 206);
    expect(asked.map(({ offset, limit }) => [offset, limit])).toEqual([[0, page_rows], [page_rows, page_rows]]);
    await asked[0]?.answer(1_000_000);
    await asked[1]?.answer(1_000_000);
    expect([result.row(199), result.row(200), result.row(400)]).toEqual([["199"], ["200"], undefined]);
    result.want(199, 205);
    expect(asked).toHaveLength(2);
  });

  it("drops what was wished for before the user scrolled on", async () => {
    complete(1_000_000);
    for (let row = 0; row < 500_000; row += 1_000) result.want(row, row + 30);
    expect(asked).toHaveLength(2);
    await asked[0]?.answer(1_000_000);
    expect(asked.map(({ offset }) => offset).at(-1)).toBe(499_000);
    expect(asked).toHaveLength(3);
  });

  it("forgets the pages that were looked at longest ago", async () => {
    complete(1_000_000);
    for (let page = 0; page < 80; ++page) {
      result.want(page * page_rows, page * page_rows + 10);
      await asked.at(-1)?.answer(1_000_000);
    }
    expect(result.row(0)).toBeUndefined();
    expect(result.row(79 * page_rows)).toBeDefined();
  });

  it("asks again for a page that was still growing", async () => {
    result.want(0, 30);
    expect(asked).toHaveLength(0);
    result.grew(10);
    await asked[0]?.answer(10, false);
    expect([result.total, asked.length]).toEqual([10, 1]);
    complete(12);
    await asked[1]?.answer(12);
    expect([result.total, result.row(11)]).toEqual([12, ["11"]]);
    complete(12);
    expect(asked).toHaveLength(2);
  });

  it("sorts upwards, downwards and not at all, by one column or by several", () => {
    const sorts = (): unknown => result.order.sort.map(({ column, descending }) => (descending ? -column : column));
    result.toggleSort(1, false);
    expect(sorts()).toEqual([1]);
    result.toggleSort(1, false);
    expect(sorts()).toEqual([-1]);
    result.toggleSort(2, true);
    expect(sorts()).toEqual([-1, 2]);
    result.toggleSort(1, true);
    expect(sorts()).toEqual([2]);
    result.toggleSort(3, false);
    expect(sorts()).toEqual([3]);
  });

  it("shows how many rows a filter finds, and takes no page of another order", async () => {
    complete(1_000);
    result.want(0, 30);
    result.setFilter(0, "9");
    expect(result.row(0)).toBeUndefined();
    await asked[0]?.answer(1_000);
    expect(result.row(0)).toBeUndefined();
    await asked[1]?.answer(3);
    expect([asked[1]?.order.filter, result.total, result.stored]).toEqual([[{ column: 0, contains: "9" }], 3, 1_000]);
    result.setFilter(0, "");
    expect(result.total).toBe(1_000);
  });

  it("asks for the matches of another filter after one that found nothing", async () => {
    complete(1_000);
    result.want(0, 30);
    result.setFilter(0, "nobody");
    await asked.at(-1)?.answer(0);
    expect(result.total).toBe(0);
    result.setFilter(0, "some");
    await asked.at(-1)?.answer(4);
    expect([result.total, result.row(3)]).toEqual([4, ["3"]]);
  });

  it("says why there are no rows", async () => {
    complete(1_000);
    result.want(0, 30);
    await asked[0]?.refuse("not_found");
    expect(result.failure).toEqual({ code: "not_found", message: "" });
  });

  it("asks no other session for rows that its own kept", async () => {
    complete(1_000);
    result.want(0, 30);
    result.lose({ code: "lost", message: "" });
    await asked[0]?.answer(1_000);
    result.want(400, 430);
    result.toggleSort(0, false);
    expect([result.row(0), asked.length, result.kept]).toEqual([undefined, 1, false]);
    expect(await result.rows(0, 10)).toEqual({ ok: false, error: { code: "lost", message: "" } });
    expect(result.failure).toEqual({ code: "lost", message: "" });
  });

  it("collects rows that are not here, as many as a window may hold at a time", async () => {
    complete(2_500);
    const rows = result.rows(100, 2_300);
    await settle();
    await asked[0]?.answer(2_500);
    await asked[1]?.answer(2_500);
    await asked[2]?.answer(2_500);
    const collected = await rows;
    expect(asked.map(({ offset, limit }) => [offset, limit])).toEqual([[100, 1_000], [1_100, 1_000], [2_100, 200]]);
    expect(collected.ok && [collected.value.length, collected.value.at(-1)]).toEqual([2_200, ["2299"]]);
  });
});
