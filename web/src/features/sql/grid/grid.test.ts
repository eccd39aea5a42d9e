import { describe, expect, it } from "vitest";

import { cutTo, letterWidth } from "../letters.js";
import { firstWidths, placesOf, seenColumns } from "./columns.js";
import { jsonRow, laidOut, tabSeparated } from "./copying.js";
import { afterKey, isInside, rectangleOf, type Selection } from "./selection.js";

const column = (name: string, kind: "integer" | "text" | "boolean" | "decimal" = "text") => ({ name, type: "", kind });

describe("columns", () => {
  it("are as wide as their name and their first rows, within bounds", () => {
    const rows = [["1", "x".repeat(500), "中文中文中文中文"]];
    const widths = firstWidths([column("id"), column("note"), column("n")], rows, 8);
    expect(widths).toEqual([64, 340, 16 * 8 + 24]);
    expect(letterWidth("a中")).toBe(3);
    expect([cutTo("orders", 6), cutTo("orders_2024", 6), cutTo("订单明细", 5)]).toEqual(["orders", "order…", "订单…"]);
  });

  it("are seen when a part of them is", () => {
    const places = placesOf([100, 100, 100]);
    expect(places).toEqual([0, 100, 200, 300]);
    expect(seenColumns(places, 0, 100)).toEqual([0, 1]);
    expect(seenColumns(places, 99, 101)).toEqual([0, 2]);
    expect(seenColumns(places, 250, 900)).toEqual([2, 3]);
    expect(seenColumns([0], 0, 100)).toEqual([0, 0]);
  });
});

describe("the selection", () => {
  const at = (row: number, column_number: number): Selection => ({
    anchor: { row, column: column_number },
    head: { row, column: column_number },
  });
  const extent = { rows: 1_000_000, columns: 5, page: 20 };
  const press = (selection: Selection, key: string, held: Partial<Record<"shiftKey" | "ctrlKey", boolean>> = {}) =>
    afterKey(selection, { key, shiftKey: false, ctrlKey: false, metaKey: false, ...held }, extent);

  it("moves with the arrow keys, and stays inside", () => {
    expect(press(at(0, 0), "ArrowUp")).toEqual(at(0, 0));
    expect(press(at(3, 3), "ArrowRight")).toEqual(at(3, 4));
    expect(press(at(3, 4), "ArrowRight")).toEqual(at(3, 4));
    expect(press(at(3, 3), "PageDown")).toEqual(at(23, 3));
    expect(press(at(3, 3), "End", { ctrlKey: true })).toEqual(at(999_999, 4));
    expect(press(at(3, 3), "x")).toBeUndefined();
  });

  it("grows from where it began", () => {
    const grown = press(press(at(3, 3), "ArrowUp", { shiftKey: true }) ?? at(0, 0), "ArrowLeft", { shiftKey: true });
    expect(grown && rectangleOf(grown)).toEqual({ top: 2, bottom: 3, left: 2, right: 3 });
    expect(grown && isInside(rectangleOf(grown), 2, 3)).toBe(true);
    expect(grown && isInside(rectangleOf(grown), 1, 3)).toBe(false);
    const all = press(at(3, 3), "a", { ctrlKey: true });
    expect(all && rectangleOf(all)).toEqual({ top: 0, bottom: 999_999, left: 0, right: 4 });
  });
});

describe("copying", () => {
  it("gives spreadsheets their cells, quoted where they must be", () => {
    const rows = [["1", "a\tb", null, 'say "hi"'], ["2", "two\nlines", "", "x"]];
    expect(tabSeparated(rows, 0, 3)).toBe('1\t"a\tb"\t\t"say ""hi"""\n2\t"two\nlines"\t\tx');
    expect(tabSeparated(rows, 3, 3)).toBe('"say ""hi"""\nx');
  });

  it("writes a row as JSON with every digit, and no name twice", () => {
    const columns = [column("id", "integer"), column("n", "decimal"), column("ok", "boolean"), column("n"), column("x", "decimal")];
    const text = jsonRow(columns, ["9007199254740993", "1.10", "true", 'a"b', "NaN"]);
    expect(text).toBe('{\n  "id": 9007199254740993,\n  "n": 1.10,\n  "ok": true,\n  "n_2": "a\\"b",\n  "x": "NaN"\n}');
    expect(jsonRow([column("a")], [null])).toBe('{\n  "a": null\n}');
  });

  it("lays out JSON, unless that would change a number", () => {
    expect(laidOut('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(laidOut('{"a":9007199254740993}')).toBeUndefined();
    expect(laidOut("12")).toBeUndefined();
    expect(laidOut("{no")).toBeUndefined();
  });
});
