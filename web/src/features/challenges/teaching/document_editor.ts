// DocumentEditor: a YAML document in CodeMirror, with what is wrong at its lines.
//
// Made by DocumentPane, which mounts it.

import { yaml } from "@codemirror/lang-yaml";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

import { editing } from "../../../lib/editor/extensions.js";
import { phrases } from "../../../lib/editor/phrases.js";
import { sqlLook } from "../../../lib/editor/sql_look.js";
import { teach } from "../../../lib/words/teaching.js";
import type { Problem } from "../../../protocol/api.generated.js";

export interface DocumentEditorOptions {
  readonly text: string;
  readonly changed: (text: string) => void;
  readonly save: () => void;
}

export class DocumentEditor {
  readonly #options: DocumentEditorOptions;
  readonly #words = new Compartment();
  #view: EditorView | undefined;

  constructor(options: DocumentEditorOptions) {
    this.#options = options;
  }

  mount(host: HTMLElement): () => void {
    const state = EditorState.create({ doc: this.#options.text, extensions: this.#extensions() });
    const view = new EditorView({ state, parent: host });
    this.#view = view;
    return () => {
      this.#view = undefined;
      view.destroy();
    };
  }

  /** Puts `text` in the place of what is there, unless it is that. */
  replace(text: string): void {
    const state = this.#view?.state;
    if (state === undefined || state.sliceDoc() === text) return;
    this.#view?.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } });
  }

  setWords(): void {
    this.#view?.dispatch({ effects: this.#words.reconfigure(this.#wording()) });
  }

  /** Marks the lines that something is wrong with. */
  setProblems(problems: readonly Problem[]): void {
    const state = this.#view?.state;
    if (state === undefined) return;
    const marks = problems.flatMap(({ field, line, message }): Diagnostic[] => {
      if (line === null || line > state.doc.lines) return [];
      const { from, to, text } = state.doc.line(line);
      const begin = from + (text.length - text.trimStart().length);
      return [{ from: Math.min(begin, to), to, severity: "error", message: field === "" ? message : `${field}: ${message}` }];
    });
    marks.sort((one, other) => one.from - other.from);
    this.#view?.dispatch(setDiagnostics(state, marks));
  }

  /** Puts the cursor on `line` and shows it. */
  goTo(line: number): void {
    const view = this.#view;
    if (view === undefined) return;
    const { from } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
    view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.focus();
  }

  #wording(): Extension {
    return [phrases(), EditorView.contentAttributes.of({ "aria-label": teach("author.document"), tabindex: "0" })];
  }

  #extensions(): Extension {
    const { changed, save } = this.#options;
    const run = (): boolean => {
      save();
      return true;
    };
    return [
      Prec.highest(keymap.of([{ key: "Mod-s", run }])),
      yaml(),
      lintGutter(),
      editing,
      sqlLook,
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(update.state.sliceDoc());
      }),
      this.#words.of(this.#wording()),
    ];
  }
}
