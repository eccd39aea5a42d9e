// From a verdict to what is marked in the two tables: expected rows beside the learner's own.
//
// The server says which rows are missing and which are too many. Where nothing of that kind is wrong
// (another order, rounding) the tables are read row by row. Pure functions.

import type { ResultTable, Verdict } from "../../protocol/api.generated.js";

export type Row = ResultTable["rows"][number];
export type RowMark = "missing" | "extra" | "moved" | "different";

export interface MarkedRow {
  /** From 0, in the whole result. */
  readonly at: number;
  readonly cells: Row;
  readonly mark: RowMark | undefined;
  /** The columns in which it differs from the row that is most like it. */
  readonly differing: readonly number[];
}

export interface MarkedTables {
  readonly expected: readonly MarkedRow[];
  readonly actual: readonly MarkedRow[];
}

/** Rules of which the rows themselves say nothing: the columns are other ones. */
const about_columns: ReadonlySet<Verdict["rule"]> = new Set(["no_result", "column_count", "column_names", "column_order"]);

function differing(one: Row, other: Row | undefined): readonly number[] {
  if (other?.length !== one.length) return [];
  const columns = one.flatMap((cell, column) => (cell === other[column] ? [] : [column]));
  // Two rows with nothing in common are not the same row with a mistake in it.
  return columns.length === one.length && one.length > 1 ? [] : columns;
}

interface Side {
  readonly rows: readonly Row[];
  readonly listed: readonly number[];
  readonly mark: "missing" | "extra";
}

/** Rows that are listed, each beside the one at the same place of the other list. */
function byLists(side: Side, other: Side): readonly MarkedRow[] {
  const places = new Map(side.listed.map((row, place) => [row, place]));
  return side.rows.map((cells, at) => {
    const place = places.get(at);
    if (place === undefined) return { at, cells, mark: undefined, differing: [] };
    const twin = other.listed[place];
    const columns = twin === undefined ? [] : differing(cells, other.rows[twin]);
    return { at, cells, mark: columns.length > 0 ? "different" : side.mark, differing: columns };
  });
}

function byPlace(rows: readonly Row[], others: readonly Row[], mark: RowMark): readonly MarkedRow[] {
  return rows.map((cells, at) => {
    const same = JSON.stringify(cells) === JSON.stringify(others[at]);
    if (same) return { at, cells, mark: undefined, differing: [] };
    return { at, cells, mark, differing: mark === "different" ? differing(cells, others[at]) : [] };
  });
}

/** Rows in which nothing is marked. */
export const plainRows = (rows: readonly Row[]): readonly MarkedRow[] =>
  rows.map((cells, at) => ({ at, cells, mark: undefined, differing: [] }));

/** What a verdict says of one table and what is expected in its place. */
export type TableVerdict = Pick<Verdict, "rule" | "missing" | "extra">;

/** What is marked in `expected` and `actual`, the rows of the two tables. */
export function markedTables(verdict: TableVerdict, expected: readonly Row[], actual: readonly Row[]): MarkedTables {
  if (about_columns.has(verdict.rule)) return { expected: plainRows(expected), actual: plainRows(actual) };
  if (verdict.missing.length > 0 || verdict.extra.length > 0) {
    const wanted: Side = { rows: expected, listed: verdict.missing, mark: "missing" };
    const given: Side = { rows: actual, listed: verdict.extra, mark: "extra" };
    return { expected: byLists(wanted, given), actual: byLists(given, wanted) };
  }
  if (verdict.rule === "row_order") return { expected: plainRows(expected), actual: byPlace(actual, expected, "moved") };
  return { expected: byPlace(expected, actual, "different"), actual: byPlace(actual, expected, "different") };
}

/** The table that a check looks at: the first that it names. */
export function tableOf(query: string): string | undefined {
  const found = /\bfrom\s+(?:"([^"]+)"|`([^`]+)`|([\p{L}_][\p{L}\p{N}_$.]*))/iu.exec(query);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** The rows around what is marked, at most `rows_max`: a mistake far down must be seen at once. */
export function windowOf(rows: readonly MarkedRow[], rows_max: number): readonly MarkedRow[] {
  const first = rows.findIndex(({ mark }) => mark !== undefined);
  const lead = 3;
  const begin = first < rows_max - lead ? 0 : Math.min(first - lead, Math.max(0, rows.length - rows_max));
  return rows.slice(begin, begin + rows_max);
}
