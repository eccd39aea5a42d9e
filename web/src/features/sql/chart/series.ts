// Series: the rows of a result as what a chart draws: places on its axis and numbers above them.

import type { Row, SqlColumn } from "../../../protocol/sql.js";
import { isNumber } from "../kinds.js";

export type ChartKind = "line" | "bar" | "scatter";
/** How the axis across is read: numbers, moments, or one place for each row with its text. */
export type Axis = "number" | "time" | "text";

export interface ChartChoice {
  readonly kind: ChartKind;
  /** The column across; undefined counts the rows. */
  readonly x: number | undefined;
  readonly y: readonly number[];
}

export interface ChartData {
  readonly axis: Axis;
  /** Sorted. */
  readonly places: readonly number[];
  /** For an axis of texts: the text of each place. */
  readonly labels: readonly string[];
  /** One list for each column of the choice, as long as `places`; null is a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Rows that have no place on the axis. */
  readonly left_out: number;
}

export const series_max = 8;

export const numberColumns = (columns: readonly SqlColumn[]): number[] =>
  columns.flatMap(({ kind }, at) => (isNumber(kind) ? [at] : []));

/** What is most likely wanted: the first moment or text across, the first number up. */
export function firstChoice(columns: readonly SqlColumn[]): ChartChoice {
  const numbers = numberColumns(columns);
  const named = columns.findIndex(({ kind }) => kind === "time" || kind === "text");
  const x = named >= 0 ? named : numbers.length > 1 ? numbers[0] : undefined;
  const y = numbers.filter((at) => at !== x).slice(0, 1);
  const kind: ChartKind = x !== undefined && columns[x]?.kind === "text" ? "bar" : "line";
  return { kind, x, y };
}

function numberOf(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Seconds since 1970; a time without a zone is taken for UTC, as the database's text is shown. */
function momentOf(text: string | null | undefined): number | null {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)\d*)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text ?? "");
  if (parts === null) return null;
  const [, date = "", time = "00:00", zone = "Z"] = parts;
  const offset = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.replace(":", "").slice(3, 5) || "00"}`;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? null : ms / 1000;
}

function axisOf(column: SqlColumn | undefined, rows: readonly Row[], at: number): Axis {
  if (column === undefined || isNumber(column.kind)) return "number";
  const readable = rows.length > 0 && rows.every((row) => row[at] === null || momentOf(row[at]) !== null);
  return column.kind === "time" && readable ? "time" : "text";
}

function placeOf(axis: Axis, cell: string | null | undefined, row: number): number | null {
  if (axis === "text") return row;
  return axis === "time" ? momentOf(cell) : numberOf(cell);
}

export function chartData(columns: readonly SqlColumn[], rows: readonly Row[], choice: ChartChoice): ChartData {
  const { x } = choice;
  const axis = x === undefined ? "number" : axisOf(columns[x], rows, x);
  const placed = rows.flatMap((row, at) => {
    const place = x === undefined ? at + 1 : placeOf(axis, row[x], at);
    return place === null ? [] : [{ row, place }];
  });
  placed.sort((a, b) => a.place - b.place);
  return {
    axis,
    places: placed.map(({ place }) => place),
    labels: axis === "text" && x !== undefined ? placed.map(({ row }) => row[x] ?? "NULL") : [],
    values: choice.y.map((at) => placed.map(({ row }) => numberOf(row[at]))),
    left_out: rows.length - placed.length,
  };
}
