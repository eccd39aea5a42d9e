import { describe, expect, it } from "vitest";

import { markedTables, tableOf, windowOf, type MarkedRow } from "./comparison.js";
import type { Verdict } from "../../protocol/api.generated.js";

const verdict = (rule: Verdict["rule"], extra: Partial<Verdict> = {}): Verdict => ({
  rule,
  message: "",
  first: null,
  missing_rows: 0,
  extra_rows: 0,
  missing: [],
  extra: [],
  expected: null,
  checks: [],
  dataset: 0,
  ...extra,
});
const marks = (rows: readonly MarkedRow[]): unknown[] => rows.map(({ mark, differing }) => [mark, ...differing]);

describe("markedTables", () => {
  it("marks rows that are missing and those that are too many", () => {
    const tables = markedTables(verdict("row_count", { missing: [1], extra: [2] }), [["a"], ["b"]], [["a"], ["c"], ["d"]]);
    expect(marks(tables.expected)).toEqual([[undefined], ["different", 0]]);
    const alone = markedTables(verdict("row_count", { extra: [1] }), [["a"]], [["a"], ["c"]]);
    expect([marks(alone.expected), marks(alone.actual)]).toEqual([[[undefined]], [[undefined], ["extra"]]]);
  });

  it("marks the cell in which a row differs from the one that is most like it", () => {
    const tables = markedTables(verdict("cells", { missing: [0], extra: [1] }), [["a", "1"]], [["b", "2"], ["a", "3"]]);
    expect(marks(tables.expected)).toEqual([["different", 1]]);
    expect(marks(tables.actual)).toEqual([[undefined], ["different", 1]]);
  });

  it("takes two rows with nothing in common for two rows", () => {
    const tables = markedTables(verdict("cells", { missing: [0], extra: [0] }), [["a", "1"]], [["b", null]]);
    expect([marks(tables.expected), marks(tables.actual)]).toEqual([[["missing"]], [["extra"]]]);
  });

  it("marks the rows that stand in another place", () => {
    const tables = markedTables(verdict("row_order"), [["a"], ["b"], ["c"]], [["a"], ["c"], ["b"]]);
    expect(marks(tables.actual)).toEqual([[undefined], ["moved"], ["moved"]]);
  });

  it("marks the numbers that were rounded otherwise, and knows NULL from its name", () => {
    const tables = markedTables(verdict("rounding"), [["a", "1.25"], ["NULL", "2"]], [["a", "1.3"], [null, "2"]]);
    expect(marks(tables.actual)).toEqual([["different", 1], ["different", 0]]);
  });

  it("marks no rows where the columns are other ones", () => {
    const tables = markedTables(verdict("column_count"), [["a"]], [["a", "b"]]);
    expect([marks(tables.expected), marks(tables.actual)]).toEqual([[[undefined]], [[undefined]]]);
  });
});

describe("windowOf", () => {
  const rows = (count: number, marked: number): MarkedRow[] =>
    Array.from({ length: count }, (_, at) => ({ at, cells: [], mark: at === marked ? "extra" : undefined, differing: [] }));

  it("begins at the top when what is marked is there", () => {
    expect(windowOf(rows(100, 4), 10)[0]?.at).toBe(0);
    expect(windowOf(rows(100, -1), 10)).toHaveLength(10);
  });

  it("shows what is marked far down, with what stands before it", () => {
    expect(windowOf(rows(100, 50), 10).map(({ at }) => at)).toEqual([47, 48, 49, 50, 51, 52, 53, 54, 55, 56]);
    expect(windowOf(rows(100, 99), 10)[0]?.at).toBe(90);
  });
});

describe("tableOf", () => {
  it("is the first table that a check names, however it is quoted", () => {
    expect(tableOf("SELECT id FROM products ORDER BY id")).toBe("products");
    expect(tableOf('select count(*) from "order lines" o join x')).toBe("order lines");
    expect(tableOf("SELECT * FROM `商店`")).toBe("商店");
    expect(tableOf("SELECT * FROM 商店")).toBe("商店");
    expect(tableOf("PRAGMA table_info(x)")).toBeUndefined();
  });
});
