// QueryEditor: the text of an answer in CodeMirror, with the question's dialect and tables.
//
// Made by QueryPane, which mounts it. Its own words follow the language of the page.

import { MariaSQL, PostgreSQL, sql, SQLite, type SQLDialect } from "@codemirror/lang-sql";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";

import { editing } from "../../lib/editor/extensions.js";
import { phrases } from "../../lib/editor/phrases.js";
import { sqlLook } from "../../lib/editor/sql_look.js";
import { say } from "../../lib/words/challenges.js";
import type { ChallengeEngine, SchemaTable } from "../../protocol/api.generated.js";

const dialects: Readonly<Record<ChallengeEngine, SQLDialect>> = { sqlite: SQLite, postgres: PostgreSQL, mariadb: MariaSQL };
const word = /[\p{L}\p{N}_$]/u;

export interface QueryEditorOptions {
  readonly text: string;
  readonly engine: ChallengeEngine;
  readonly changed: (text: string) => void;
  readonly run: () => void;
  readonly submit: () => void;
}

/** Where byte `position` of `text` is: the server counts bytes of UTF-8, the editor units of UTF-16. */
export function unitAt(text: string, position: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, position)).length;
}

/** From `at` to the end of the word that begins there, one letter at least. */
export function wordAt(text: string, at: number): { readonly from: number; readonly to: number } {
  let from = Math.min(at, text.length);
  let to = from;
  while (to < text.length && word.test(text.charAt(to))) to += 1;
  if (to === from && to < text.length) to += 1;
  if (to === from && from > 0) from -= 1;
  return { from, to };
}

export class QueryEditor {
  readonly #options: QueryEditorOptions;
  readonly #language = new Compartment();
  readonly #words = new Compartment();
  #view: EditorView | undefined;

  constructor(options: QueryEditorOptions) {
    this.#options = options;
  }

  /** Shows the editor in `host` until the result is called. */
  mount(host: HTMLElement): () => void {
    const state = EditorState.create({ doc: this.#options.text, extensions: this.#extensions() });
    const view = new EditorView({ state, parent: host });
    this.#view = view;
    return () => {
      this.#view = undefined;
      view.destroy();
    };
  }

  /** What is selected, or the whole text. */
  get chosen(): string {
    const state = this.#view?.state;
    if (state === undefined) return "";
    const { from, to, empty } = state.selection.main;
    return empty ? state.sliceDoc() : state.sliceDoc(from, to);
  }

  get text(): string {
    return this.#view?.state.sliceDoc() ?? "";
  }

  replace(text: string): void {
    this.#view?.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
    this.#view?.focus();
  }

  /** Puts `text` where the cursor is. */
  insert(text: string): void {
    if (this.#view === undefined) return;
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.#view.focus();
  }

  focus(): void {
    this.#view?.focus();
  }

  setTables(tables: readonly SchemaTable[]): void {
    this.#view?.dispatch({ effects: this.#language.reconfigure(this.#sql(tables)) });
  }

  setWords(): void {
    this.#view?.dispatch({ effects: this.#words.reconfigure(this.#wording()) });
  }

  /** Underlines what the error at byte `position` of `ran` is about, if that is still the text. */
  markError(ran: string, position: number | null, message: string): void {
    const state = this.#view?.state;
    if (state === undefined || position === null) return;
    const begin = state.sliceDoc() === ran ? 0 : state.selection.main.from;
    if (state.sliceDoc(begin, begin + ran.length) !== ran) return;
    const { from, to } = wordAt(ran, unitAt(ran, position));
    this.#view?.dispatch(setDiagnostics(state, [{ from: begin + from, to: begin + to, severity: "error", message }]));
  }

  clearErrors(): void {
    if (this.#view !== undefined) this.#view.dispatch(setDiagnostics(this.#view.state, []));
  }

  #sql(tables: readonly SchemaTable[]): Extension {
    const schema = Object.fromEntries(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]));
    return sql({ dialect: dialects[this.#options.engine], schema });
  }

  #wording(): Extension {
    return [
      phrases(),
      placeholder(say("editor.placeholder")),
      EditorView.contentAttributes.of({ "aria-label": say("editor"), tabindex: "0" }),
    ];
  }

  #extensions(): Extension {
    const { changed, run, submit } = this.#options;
    const key = (name: string, action: () => void): { key: string; run: () => boolean } => ({
      key: name,
      run: () => {
        action();
        return true;
      },
    });
    return [
      Prec.highest(keymap.of([key("Mod-Shift-Enter", submit), key("Mod-Enter", run)])),
      this.#language.of(this.#sql([])),
      lintGutter(),
      editing,
      sqlLook,
      EditorView.lineWrapping,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(update.state.sliceDoc());
      }),
      this.#words.of(this.#wording()),
    ];
  }
}
