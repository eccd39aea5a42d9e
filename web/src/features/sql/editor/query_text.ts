// QueryText: the text of one query in CodeMirror, with the place where it failed.
//
// Made by Query, and shown wherever mount() puts it; it keeps its state while it is not shown.

import { autocompletion } from "@codemirror/autocomplete";
import { sql } from "@codemirror/lang-sql";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension, type TransactionSpec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";

import { editing } from "../../../lib/editor/extensions.js";
import { phrases } from "../../../lib/editor/phrases.js";
import { sqlLook } from "../../../lib/editor/sql_look.js";
import { say } from "../../../lib/words/sql.js";
import type { SqlEngine } from "../../../protocol/sql.js";
import { completionSource, type CompletionPlace } from "./completion.js";
import { currentStatement } from "./current_statement.js";
import { dialects } from "./dialects.js";
import { statementAt, type Span } from "./statements.js";

export type Scope = "statement" | "all";

export interface QueryTextOptions {
  readonly engine: SqlEngine;
  readonly place: () => CompletionPlace;
  readonly changed: () => void;
  readonly run: (scope: Scope) => void;
}

/** A piece of the text and where it begins. */
export interface Piece {
  readonly from: number;
  readonly text: string;
}

export class QueryText {
  readonly #options: QueryTextOptions;
  readonly #language = new Compartment();
  readonly #words = new Compartment();
  #state: EditorState;
  #view: EditorView | undefined;

  constructor(text: string, options: QueryTextOptions) {
    this.#options = options;
    this.#state = EditorState.create({ doc: text, extensions: this.#extensions() });
  }

  get text(): string {
    return this.#current.sliceDoc();
  }

  /** What is to be run: what is selected; else for "statement" the one that the cursor is in. */
  piece(scope: Scope): Piece | undefined {
    const state = this.#current;
    if (scope === "all") return { from: 0, text: state.sliceDoc() };
    const { from, to, empty, head } = state.selection.main;
    const span = empty ? statementAt(state, head) : { from, to };
    return span === undefined ? undefined : { from: span.from, text: state.sliceDoc(span.from, span.to) };
  }

  /** Shows the text in `host`; the result takes it away again and keeps the state. */
  mount(host: HTMLElement): () => void {
    const view = new EditorView({ state: this.#state, parent: host });
    this.#view = view;
    return () => {
      this.#state = view.state;
      this.#view = undefined;
      view.destroy();
    };
  }

  focus(): void {
    this.#view?.focus();
  }

  /** Puts `text` at the cursor, in the place of what is selected. */
  insert(text: string): void {
    this.#apply(this.#current.replaceSelection(text));
    this.focus();
  }

  /** Appends `text` as lines of their own and selects them. */
  append(text: string): void {
    const { doc } = this.#current;
    const before = doc.length === 0 ? "" : doc.sliceString(doc.length - 1) === "\n" ? "\n" : "\n\n";
    const from = doc.length + before.length;
    this.#apply({
      changes: { from: doc.length, insert: before + text },
      selection: { anchor: from + text.length },
      scrollIntoView: true,
    });
    this.focus();
  }

  markError(place: Span, message: string): void {
    const { length } = this.#current.doc;
    const to = Math.min(place.to, length);
    const from = Math.min(place.from, to);
    this.#apply(setDiagnostics(this.#current, [{ from, to, severity: "error", message }]));
  }

  clearErrors(): void {
    this.#apply(setDiagnostics(this.#current, []));
  }

  /** Puts the cursor at `at` and shows it. */
  goTo(at: number): void {
    this.#apply({ selection: { anchor: Math.min(at, this.#current.doc.length) }, scrollIntoView: true });
    this.focus();
  }

  setEngine(engine: SqlEngine): void {
    this.#apply({ effects: this.#language.reconfigure(sql({ dialect: dialects[engine] })) });
  }

  /** The editor's own words follow the language of the page. */
  setWords(): void {
    this.#apply({ effects: this.#words.reconfigure(this.#wording()) });
  }

  get #current(): EditorState {
    return this.#view?.state ?? this.#state;
  }

  #apply(change: TransactionSpec): void {
    if (this.#view !== undefined) this.#view.dispatch(change);
    else this.#state = this.#state.update(change).state;
  }

  #extensions(): Extension {
    const { engine, place, changed, run } = this.#options;
    const runs = (scope: Scope) => (): boolean => {
      run(scope);
      return true;
    };
    return [
      Prec.highest(
        keymap.of([
          { key: "Mod-Enter", run: runs("statement") },
          { key: "Mod-Shift-Enter", run: runs("all") },
        ]),
      ),
      this.#language.of(sql({ dialect: dialects[engine] })),
      autocompletion({ override: [completionSource(place)], icons: true }),
      lintGutter(),
      currentStatement,
      editing,
      sqlLook,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed();
      }),
      this.#words.of(this.#wording()),
    ];
  }

  #wording(): Extension {
    return [
      phrases(),
      placeholder(say("editor.placeholder")),
      EditorView.contentAttributes.of({ "aria-label": say("editor.text") }),
    ];
  }
}
