// StoredResult: the rows of one statement, which the server keeps, and the pieces that are here.
//
// Used by the grid and the chart. Pages of rows are asked for when they are looked at and forgotten
// when others were looked at since, so that a million rows cost no more than a thousand. Sorting
// and filtering are the server's: another order forgets the pages.

import type { CellValue, Completed, Filter, Order, Row, Sort, SqlColumn, Window } from "../../protocol/sql.js";
import { order_keys_max, window_rows_max } from "../../protocol/sql.js";
import type { SqlFailure, SqlResult } from "../../protocol/sql_connection.js";
import { Pages } from "./pages.js";

export const page_rows = 200;
const pages_max = 60;
/** Pages that are asked for at a time; while the user scrolls on, the older wishes are dropped. */
const asking_max = 2;

export type View = (result: number, offset: number, limit: number, order: Order) => Promise<SqlResult<Window>>;

export class StoredResult {
  readonly number: number;
  readonly columns: readonly SqlColumn[];
  /** The statement that it is of. */
  readonly source: string;
  readonly #view: View;
  readonly #pages = new Pages(pages_max);
  /** Another object each time a page came or went, so that whoever shows rows looks again. */
  #shown = $state.raw({ pages: this.#pages });
  /** The pages that are asked for and have not come. */
  #asking: readonly number[] = [];
  #stored = $state(0);
  #found = $state<number | undefined>(undefined);
  #completed = $state.raw<Completed | undefined>(undefined);
  #order = $state.raw<Order>({ sort: [], filter: [] });
  #failure = $state.raw<SqlFailure | undefined>(undefined);
  /** Counts the orders: a page of an older one is none of this. */
  #turn = 0;
  #wanted: readonly [number, number] = [0, 0];
  #lost: SqlFailure | undefined;

  constructor(number: number, columns: readonly SqlColumn[], source: string, view: View) {
    this.number = number;
    this.columns = columns;
    this.source = source;
    this.#view = view;
  }

  /** How many rows there are to look at, after the filter. */
  get total(): number {
    return this.#found ?? this.#stored;
  }

  /** How many there are without a filter. */
  get stored(): number {
    return this.#stored;
  }

  get completed(): Completed | undefined {
    return this.#completed;
  }

  get order(): Order {
    return this.#order;
  }

  /** Why rows that are looked at are not here. */
  get failure(): SqlFailure | undefined {
    return this.#failure;
  }

  /** Row `index` of this order, when it is here. */
  row(index: number): Row | undefined {
    return this.#shown.pages.get(Math.floor(index / page_rows))?.rows[index % page_rows];
  }

  grew(stored: number): void {
    this.#stored = stored;
    this.#pump();
  }

  complete(completed: Completed): void {
    this.#completed = completed;
    this.grew(completed.rows ?? this.#stored);
  }

  /** The session that kept the rows is gone: its number is nothing, or another result, to the next. */
  lose(failure: SqlFailure): void {
    this.#lost = failure;
    this.#failure = failure;
    this.#turn += 1;
    this.#asking = [];
  }

  /** Whether the server may still keep it. */
  get kept(): boolean {
    return this.#lost === undefined;
  }

  /** Asks for the rows from `first` to before `end`, which are looked at now. */
  want(first: number, end: number): void {
    this.#wanted = [first, end];
    this.#pump();
  }

  /** The next of: upwards, downwards, not by this column. With `add` it comes after the others. */
  toggleSort(column: number, add: boolean): void {
    const at = this.#order.sort.find((key) => key.column === column);
    const others = add ? this.#order.sort.filter((key) => key.column !== column) : [];
    const next: Sort[] = at?.descending === true ? [] : [{ column, descending: at !== undefined }];
    this.#reorder({ ...this.#order, sort: [...others, ...next].slice(-order_keys_max) });
  }

  filterOf(column: number): string {
    return this.#order.filter.find((filter) => filter.column === column)?.contains ?? "";
  }

  setFilter(column: number, contains: string): void {
    if (this.filterOf(column) === contains) return;
    const others: readonly Filter[] = this.#order.filter.filter((filter) => filter.column !== column);
    this.#reorder({ ...this.#order, filter: (contains === "" ? others : [...others, { column, contains }]).slice(-order_keys_max) });
  }

  clearFilters(): void {
    if (this.#order.filter.length > 0) this.#reorder({ ...this.#order, filter: [] });
  }

  /** The rows from `first` to before `end`, from here or from the server. */
  async rows(first: number, end: number): Promise<SqlResult<readonly Row[]>> {
    const rows: Row[] = [];
    const order = this.#order;
    while (first + rows.length < end) {
      const at = first + rows.length;
      const here = this.#order === order ? this.row(at) : undefined;
      if (here !== undefined) {
        rows.push(here);
        continue;
      }
      if (this.#lost !== undefined) return { ok: false, error: this.#lost };
      const window = await this.#view(this.number, at, Math.min(window_rows_max, end - at), order);
      if (!window.ok) return window;
      if (window.value.rows.length === 0) break;
      rows.push(...window.value.rows);
    }
    return { ok: true, value: rows };
  }

  cell(row: number, column: number): CellValue | undefined {
    return this.row(row)?.[column];
  }

  #reorder(order: Order): void {
    if (this.#lost !== undefined) return;
    this.#order = order;
    this.#turn += 1;
    this.#pages.clear();
    this.#asking = [];
    this.#failure = undefined;
    if (order.filter.length === 0) this.#found = undefined;
    this.#shown = { pages: this.#pages };
    // How many rows match is known with the first of them.
    this.#pump(order.filter.length > 0);
  }

  #isWhole(page: number): boolean {
    return this.#pages.get(page)?.whole === true;
  }

  #pump(at_least_one = false): void {
    if (this.#lost !== undefined) return;
    const [first, end] = this.#wanted;
    const last = Math.min(end, Math.max(this.total, at_least_one ? 1 : 0)) - 1;
    for (let page = Math.floor(first / page_rows); page <= Math.floor(last / page_rows); ++page) {
      if (this.#asking.length >= asking_max) return;
      if (page >= 0 && !this.#isWhole(page) && !this.#asking.includes(page)) void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const turn = this.#turn;
    this.#asking = [...this.#asking, page];
    const window = await this.#view(this.number, page * page_rows, page_rows, this.#order);
    if (turn !== this.#turn) return;
    this.#asking = this.#asking.filter((other) => other !== page);
    if (!window.ok) {
      this.#failure = window.error;
      return;
    }
    this.#failure = undefined;
    this.#keep(page, window.value);
    // Not at once for a page that is still growing: the next progress asks again.
    if (this.#isWhole(page)) this.#pump();
  }

  #keep(page: number, window: Window): void {
    this.#pages.put(page, { rows: window.rows, whole: window.complete || window.rows.length === page_rows });
    if (this.#order.filter.length > 0) this.#found = window.total;
    else this.#stored = Math.max(this.#stored, window.total);
    this.#shown = { pages: this.#pages };
  }
}
