// Rows as text for the clipboard.

import type { ColumnKind, Row, SqlColumn } from "../../../protocol/sql.js";
import { isNumber } from "../kinds.js";

/** More is for an export: the clipboard is not made for it. */
export const copied_rows_max = 50_000;

/** A cell of a table for spreadsheets: quoted where its own signs would end it. NULL is empty. */
function tabCell(value: string | null): string {
  if (value === null) return "";
  return /[\t\n\r"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The cells from column `left` to column `right` of `rows`, as spreadsheets take them. */
export function tabSeparated(rows: readonly Row[], left: number, right: number): string {
  return rows.map((row) => row.slice(left, right + 1).map(tabCell).join("\t")).join("\n");
}

const is_json_number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The text of `value` in JSON: numbers keep every digit, which a double would not. */
function jsonValue(value: string | null, kind: ColumnKind): string {
  if (value === null) return "null";
  if (isNumber(kind) && is_json_number.test(value)) return value;
  if (kind === "boolean" && /^(?:t|true|1)$/i.test(value)) return "true";
  if (kind === "boolean" && /^(?:f|false|0)$/i.test(value)) return "false";
  return JSON.stringify(value);
}

/** One row as a JSON object, in the order of its columns; names that repeat are numbered. */
export function jsonRow(columns: readonly SqlColumn[], row: Row): string {
  const seen = new Map<string, number>();
  const lines = columns.map(({ name, kind }, at) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const key = times === 1 ? name : `${name}_${times}`;
    return `  ${JSON.stringify(key)}: ${jsonValue(row[at] ?? null, kind)}`;
  });
  return `{\n${lines.join(",\n")}\n}`;
}

/** `value` with its JSON laid out, if it is an object or a list of that; digits stay as they are. */
export function laidOut(value: string): string | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    const text = JSON.stringify(parsed, null, 2);
    // A number that a double cannot hold would be shown wrong: then the text stays as it is.
    return digitsOf(text) === digitsOf(value) ? text : undefined;
  } catch {
    return undefined;
  }
}

const digitsOf = (text: string): string => text.replace(/\D/g, "");
