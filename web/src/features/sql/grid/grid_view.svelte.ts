// GridView: which rows and columns of a result are seen, and how the user moves through them.
//
// Made by Grid. The place in the list counts, not the scrolled element's: that is lower than a list
// of a million rows, and follows.

import type { Row } from "../../../protocol/sql.js";
import type { StoredResult } from "../stored_result.svelte.js";
import { firstWidths, placesOf, seenColumns, width_max, width_min } from "./columns.js";
import { ScrollScale } from "./scroll_scale.js";
import type { Place, Selection } from "./selection.js";

export const row_px = 28;
const overscan_rows = 8;
/** One letter of the grid's font. */
const letter_px = 7.8;
const digit_px = 6.8;

export class GridView {
  readonly result: StoredResult;
  width = $state(0);
  height = $state(0);
  head_px = $state(48);
  selection = $state.raw<Selection | undefined>(undefined);
  #list_top = $state(0);
  #scroll_top = $state(0);
  #scroll_left = $state(0);
  #resized = $state.raw<Readonly<Record<number, number>>>({});
  #first_widths: readonly number[] | undefined;
  /** Where the element was put from here: its own event about that tells nothing new. */
  #put_at = -1;
  #scroller: HTMLElement | undefined;

  constructor(result: StoredResult) {
    this.result = result;
  }

  readonly scale = $derived.by(() => new ScrollScale(this.result.total * row_px, this.height - this.head_px));
  readonly gutter_px = $derived.by(() => Math.max(44, String(this.result.total).length * digit_px + 22));
  readonly widths = $derived.by(() => this.#fit().map((width, at) => this.#resized[at] ?? width));
  readonly places = $derived.by(() => placesOf(this.widths));
  readonly shown_rows = $derived.by(() => Math.max(0, this.height - this.head_px));

  readonly columns = $derived.by(() => {
    const left = this.#scroll_left;
    return seenColumns(this.places, left, left + Math.max(0, this.width - this.gutter_px));
  });

  /** The numbers of the rows that are drawn. */
  readonly rows = $derived.by(() => {
    const first = Math.max(0, Math.floor(this.#list_top / row_px) - overscan_rows);
    const end = Math.min(this.result.total, Math.ceil((this.#list_top + this.shown_rows) / row_px) + overscan_rows);
    return Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
  });

  /** Where the first drawn row is in the scrolled element. */
  readonly rows_px = $derived.by(() => Math.round(this.#scroll_top + (this.rows[0] ?? 0) * row_px - this.#list_top));

  get width_px(): number {
    return this.gutter_px + (this.places.at(-1) ?? 0);
  }

  attach(scroller: HTMLElement): void {
    this.#scroller = scroller;
  }

  scrolled(element: HTMLElement): void {
    this.#scroll_left = element.scrollLeft;
    if (Math.abs(element.scrollTop - this.#put_at) <= 1 && this.scale.scaled) return;
    this.#put_at = -1;
    this.#scroll_top = element.scrollTop;
    this.#list_top = this.scale.listTop(element.scrollTop);
  }

  /** The wheel moves the list by what it says; the browser would move it by many rows at once. */
  wheel(event: WheelEvent): void {
    if (!this.scale.scaled || event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? row_px : 1;
    this.moveTo(this.#list_top + event.deltaY * unit);
  }

  moveTo(list_top: number): void {
    this.#list_top = this.scale.clamp(list_top);
    if (this.#scroller === undefined) return;
    this.#scroller.scrollTop = this.scale.scrollTop(this.#list_top);
    this.#put_at = this.#scroller.scrollTop;
    this.#scroll_top = this.#put_at;
  }

  /** After the list became shorter. */
  clampTo(scale: ScrollScale): void {
    if (this.#list_top !== scale.clamp(this.#list_top)) this.moveTo(this.#list_top);
  }

  /** To the first of the rows, which are others now. */
  restart(): void {
    this.selection = undefined;
    this.moveTo(0);
  }

  select(place: Place, extend: boolean): void {
    const anchor = extend ? (this.selection?.anchor ?? place) : place;
    this.selection = { anchor, head: place };
  }

  /** Scrolls as little as shows `place`. */
  show({ row, column }: Place): void {
    const top = row * row_px;
    if (top < this.#list_top) this.moveTo(top);
    else if (top + row_px > this.#list_top + this.shown_rows) this.moveTo(top + row_px - this.shown_rows);
    if (this.#scroller === undefined) return;
    const left = this.places[column] ?? 0;
    const right = this.places[column + 1] ?? left;
    const room = this.width - this.gutter_px;
    // The element's own place: its event about the last move may still be on its way.
    const { scrollLeft } = this.#scroller;
    if (left < scrollLeft) this.#scroller.scrollLeft = left;
    else if (right > scrollLeft + room) this.#scroller.scrollLeft = Math.min(left, right - room);
  }

  resize(column: number, width: number): void {
    this.#resized = { ...this.#resized, [column]: Math.min(Math.max(width, width_min), width_max) };
  }

  /** As wide as the rows that are here need. */
  refit(column: number): void {
    const fitting = firstWidths(this.result.columns, this.#rowsHere(), letter_px)[column];
    if (fitting !== undefined) this.resize(column, fitting);
  }

  #rowsHere(): Row[] {
    return this.rows.map((index) => this.result.row(index)).filter((row) => row !== undefined);
  }

  /** Widths that suit the first rows, and stay as they are when others come. */
  #fit(): readonly number[] {
    if (this.#first_widths !== undefined) return this.#first_widths;
    const here = Array.from({ length: 100 }, (_, at) => this.result.row(at)).filter((row) => row !== undefined);
    const widths = firstWidths(this.result.columns, here, letter_px);
    if (here.length > 0) this.#first_widths = widths;
    return widths;
  }
}
