// ResultActions: what can be done with a result: copied, and exported as a file.
//
// Made by ResultView. Says in `said` how the last of them ended.

import { copyText } from "../../lib/clipboard.js";
import { t } from "../../lib/i18n.svelte.js";
import { saveFile } from "../../lib/save_file.js";
import { say } from "../../lib/words/sql.js";
import type { SqlConnection } from "../../protocol/sql_connection.js";
import { failureText } from "./failure_text.js";
import { copied_rows_max, jsonRow, tabSeparated } from "./grid/copying.js";
import { rectangleOf, type Selection } from "./grid/selection.js";
import type { StoredResult } from "./stored_result.svelte.js";

const said_ms = 3_000;
const types = { csv: "text/csv", json: "application/json" } as const;

export class ResultActions {
  readonly #result: StoredResult;
  readonly #connection: SqlConnection;
  #said = $state<string | undefined>(undefined);
  #exporting = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(result: StoredResult, connection: SqlConnection) {
    this.#result = result;
    this.#connection = connection;
  }

  get said(): string | undefined {
    return this.#said;
  }

  get exporting(): boolean {
    return this.#exporting;
  }

  /** Copies the chosen cells as a table for spreadsheets. */
  async copy(selection: Selection): Promise<void> {
    const { top, bottom, left, right } = rectangleOf(selection);
    const end = Math.min(bottom + 1, top + copied_rows_max);
    const rows = await this.#result.rows(top, end);
    if (!rows.ok) {
      this.#say(failureText(rows.error));
      return;
    }
    const copied = await copyText(tabSeparated(rows.value, left, right));
    const cut = end <= bottom ? "result.copy_cut" : "result.copied";
    this.#say(copied ? say(cut, { count: rows.value.length }) : t("copy.refused"));
  }

  async copyRow(index: number): Promise<void> {
    const rows = await this.#result.rows(index, index + 1);
    if (!rows.ok) {
      this.#say(failureText(rows.error));
      return;
    }
    const [row] = rows.value;
    if (row !== undefined) await this.copyValue(jsonRow(this.#result.columns, row));
  }

  async copyValue(text: string): Promise<void> {
    this.#say(t((await copyText(text)) ? "copied" : "copy.refused"));
  }

  /** Saves every row of the order that is shown. */
  async export(format: "csv" | "json"): Promise<void> {
    if (this.#exporting) return;
    if (!this.#result.kept) {
      this.#say(say("failure.lost_result"));
      return;
    }
    this.#exporting = true;
    const pieces: string[] = [];
    const { number, order } = this.#result;
    const done = await this.#connection.export(number, format, order, (piece) => pieces.push(piece));
    this.#exporting = false;
    if (!done.ok) this.#say(failureText(done.error));
    else if (!done.value.cancelled) saveFile(`result-${number}.${format}`, new Blob(pieces, { type: types[format] }));
  }

  #say(text: string): void {
    clearTimeout(this.#timer);
    this.#said = text;
    this.#timer = setTimeout(() => (this.#said = undefined), said_ms);
  }
}
