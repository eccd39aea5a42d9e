// Run: one text that was sent to the database: its results, what was said meanwhile, and its end.
//
// Made by Query. The server splits the text; each statement's outcome comes with its place in it.

import type { Completed, Done, StatementFailure } from "../../protocol/sql.js";
import type { ExecutionEvent, ExecutionListener, SqlConnection, SqlFailure, SqlResult } from "../../protocol/sql_connection.js";
import { unitOffset } from "./editor/offsets.js";
import type { Span } from "./editor/statements.js";
import { StoredResult } from "./stored_result.svelte.js";

export type Remark =
  | { readonly kind: "done"; readonly source: string; readonly completed: Completed }
  | { readonly kind: "notice"; readonly severity: string; readonly text: string }
  | { readonly kind: "error"; readonly source: string; readonly failure: StatementFailure; readonly place: Span }
  | { readonly kind: "failed"; readonly failure: SqlFailure }
  | { readonly kind: "cancelled" }
  | { readonly kind: "cut"; readonly by: "time" | "statements" };

/** Remarks beyond these are counted only; a loop of notices must not fill the page. */
export const remarks_max = 1_000;
/** Results beyond these have only their remark; the server keeps fewer. */
const results_shown_max = 20;

const changes_catalog = /^\s*(?:create|drop|alter|rename|truncate|comment|use|attach|detach|set\s+search_path|import|rollback)\b/i;

/** What a statement fails with that was stopped. */
const cancelled_code = "57014";

export interface RunListener {
  /** The first result has begun: its rows can be looked at while they come. */
  resulted(): void;
  /** A statement failed: `place` is where, in units of the text that was sent. */
  failed(failure: StatementFailure, place: Span): void;
  ended(run: Run): void;
}

export class Run implements ExecutionListener {
  readonly text: string;
  readonly begun_ms: number;
  readonly #connection: SqlConnection;
  readonly #listener: RunListener;
  #results = $state.raw<readonly StoredResult[]>([]);
  #remarks = $state.raw<readonly Remark[]>([]);
  #unsaid = $state(0);
  #active = $state.raw<StoredResult | undefined>(undefined);
  #ended_ms = $state<number | undefined>(undefined);
  #statement = $state(0);
  #span: Span = { from: 0, to: 0 };
  #changed_catalog = false;
  #failed = false;
  #cancel_asked = false;
  #done: Done | undefined;

  constructor(connection: SqlConnection, text: string, listener: RunListener) {
    this.#connection = connection;
    this.text = text;
    this.#listener = listener;
    this.begun_ms = performance.now();
  }

  start(): void {
    this.#connection.execute(this.text, true, this);
  }

  get results(): readonly StoredResult[] {
    return this.#results;
  }

  get remarks(): readonly Remark[] {
    return this.#remarks;
  }

  /** How many remarks there were beyond the limit. */
  get unsaid(): number {
    return this.#unsaid;
  }

  get running(): boolean {
    return this.#ended_ms === undefined;
  }

  get elapsed_ms(): number {
    return (this.#ended_ms ?? performance.now()) - this.begun_ms;
  }

  /** Rows that the statement which runs has given so far. */
  get rows(): number | undefined {
    return this.#active?.stored;
  }

  /** Which statement runs, counted from 1; 0 before the first. */
  get statement(): number {
    return this.#statement;
  }

  /** Whether a statement failed, or the run as a whole did. */
  get failed(): boolean {
    return this.#failed;
  }

  get changed_catalog(): boolean {
    return this.#changed_catalog;
  }

  get done(): Done | undefined {
    return this.#done;
  }

  received(event: ExecutionEvent): void {
    switch (event.type) {
      case "statement":
        this.#statement = event.index + 1;
        this.#span = { from: unitOffset(this.text, event.begin), to: unitOffset(this.text, event.end) };
        this.#changed_catalog ||= changes_catalog.test(this.#source());
        break;
      case "columns":
        if (event.result !== null) this.#beginResult(event.result, event.columns);
        break;
      case "progress":
        this.#active?.grew(event.rows);
        break;
      case "complete":
        this.#complete(event);
        break;
      case "notice":
        this.#say({ kind: "notice", severity: event.severity, text: event.message });
        break;
      case "error":
        this.#fail(event);
        break;
    }
  }

  ended(result: SqlResult<Done>): void {
    this.#ended_ms = performance.now();
    if (result.ok) {
      this.#done = result.value;
      if (result.value.truncated !== false) this.#say({ kind: "cut", by: result.value.truncated });
      if (result.value.cancelled) this.#say({ kind: "cancelled" });
    } else {
      this.#failed = true;
      this.#say({ kind: "failed", failure: result.error });
    }
    this.#listener.ended(this);
  }

  /** Stops what runs. That the database calls it an error then is no news. */
  cancel(): void {
    this.#cancel_asked = true;
    this.#connection.cancel();
  }

  /** Forgets the results on the server; they are not looked at any more. */
  forget(): void {
    for (const { number, kept } of this.#results) if (kept) this.#connection.drop(number);
  }

  #source(): string {
    return this.text.slice(this.#span.from, this.#span.to);
  }

  #beginResult(number: number, columns: StoredResult["columns"]): void {
    const view = this.#connection.view.bind(this.#connection);
    const result = new StoredResult(number, columns, this.#source(), view);
    this.#active = result;
    if (this.#results.length < results_shown_max) this.#results = [...this.#results, result];
    if (this.#results.length === 1) this.#listener.resulted();
  }

  #complete(completed: Completed): void {
    const { result } = completed;
    if (result !== null && this.#active?.number === result) {
      this.#active.complete(completed);
      // The first rows at once: the server forgets the oldest of many results.
      this.#active.want(0, 1);
    }
    this.#active = undefined;
    this.#say({ kind: "done", source: this.#source(), completed });
  }

  #fail(failure: StatementFailure): void {
    this.#active = undefined;
    if (this.#cancel_asked && failure.code === cancelled_code) return;
    this.#failed = true;
    const at = failure.position === undefined ? undefined : unitOffset(this.text, failure.position);
    const place = at === undefined ? this.#span : wordAt(this.text, at);
    this.#say({ kind: "error", source: this.#source(), failure, place });
    this.#listener.failed(failure, place);
  }

  #say(remark: Remark): void {
    if (this.#remarks.length < remarks_max || remark.kind === "error" || remark.kind === "failed") {
      this.#remarks = [...this.#remarks, remark];
    } else {
      this.#unsaid += 1;
    }
  }
}

/** The word that begins at `at`, or the one sign there. */
export function wordAt(text: string, at: number): Span {
  const from = Math.min(at, Math.max(0, text.length - 1));
  const word = /^[\p{L}\p{N}_$]+/u.exec(text.slice(from, from + 128));
  return { from, to: Math.min(text.length, from + (word?.[0].length ?? 1)) };
}
