// Columns of the grid: how wide each is at first, where it stands, and which of them are seen.

import type { Row, SqlColumn } from "../../../protocol/sql.js";
import { letterWidth } from "../letters.js";

export const width_min = 64;
export const width_max = 1_200;
const first_width_max = 340;
/** Beside the letters: the cell's padding, and in the head the sign of the order. */
const padding_px = 24;
const head_extra_px = 24;
const sample_rows_max = 100;

/** A width for each column that suits its name and its first rows. */
export function firstWidths(columns: readonly SqlColumn[], rows: readonly Row[], letter_px: number): number[] {
  const sample = rows.slice(0, sample_rows_max);
  return columns.map(({ name }, at) => {
    const head = letterWidth(name) * letter_px + padding_px + head_extra_px;
    const body = sample.reduce((most, row) => Math.max(most, letterWidth(row[at] ?? "NULL")), 0) * letter_px + padding_px;
    return Math.round(Math.min(Math.max(head, body, width_min), first_width_max));
  });
}

/** Where each column begins, and at the end where the last one ends. */
export function placesOf(widths: readonly number[]): number[] {
  const places = [0];
  for (const width of widths) places.push((places.at(-1) ?? 0) + width);
  return places;
}

/** The first column that is seen between `left` and `right`, and the one after the last. */
export function seenColumns(places: readonly number[], left: number, right: number): readonly [number, number] {
  const count = places.length - 1;
  let first = 0;
  while (first < count - 1 && (places[first + 1] ?? 0) <= left) first += 1;
  let end = first;
  while (end < count && (places[end] ?? 0) < right) end += 1;
  return [first, end];
}
