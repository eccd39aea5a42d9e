// Document: one open file: its text in CodeMirror, what the machine has, and whether they differ.
//
// A save first looks whether the file changed on the machine since it was read, because programs in
// the terminal write files too; then the user decides.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";

import type { Api, Failure } from "../../lib/api.js";
import { baseName } from "../../lib/format.js";
import { t } from "../../lib/i18n.svelte.js";
import { appearance } from "./appearance.js";
import { languageOf } from "./languages.js";

/** Larger files are for the terminal; the browser would hold several copies of them. */
export const file_bytes_max = 4 << 20;

export type DocumentState = "loading" | "ready" | "binary" | "too_large" | "failed";

export class Document {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #language = new Compartment();
  #path = $state("");
  #state = $state<DocumentState>("loading");
  #dirty = $state(false);
  #saving = $state(false);
  #conflict = $state(false);
  #failure = $state.raw<Failure | undefined>(undefined);
  #modified_at: string | undefined;
  #saved_text = EditorState.create({ doc: "" }).doc;
  #line_break = "\n";
  #view: EditorView | undefined;
  #editor_state = EditorState.create({ doc: "" });

  constructor(api: Api, sandbox_id: string, path: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  /** After the file was renamed on the machine. */
  set path(path: string) {
    this.#path = path;
  }

  get state(): DocumentState {
    return this.#state;
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  get saving(): boolean {
    return this.#saving;
  }

  get conflict(): boolean {
    return this.#conflict;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  dismissFailure(): void {
    this.#failure = undefined;
  }

  async load(): Promise<void> {
    this.#state = "loading";
    this.#conflict = false;
    const info = await this.#api.statFile(this.#sandbox_id, this.#path);
    if (!info.ok) {
      this.#fail(info.error);
      return;
    }
    if (info.value.size_bytes > file_bytes_max) {
      this.#state = "too_large";
      return;
    }
    const content = await this.#api.readFile(this.#sandbox_id, this.#path);
    if (!content.ok) {
      this.#fail(content.error);
      return;
    }
    const text = decodeText(content.value);
    if (text === undefined) {
      this.#state = "binary";
      return;
    }
    this.#modified_at = info.value.modified_at;
    this.#show(text, await languageOf(baseName(this.#path)));
  }

  /** Shows the text in `host`; the result takes it away again and keeps the state. */
  mount(host: HTMLElement): () => void {
    const view = new EditorView({ state: this.#editor_state, parent: host });
    this.#view = view;
    view.focus();
    return () => {
      this.#editor_state = view.state;
      this.#view = undefined;
      view.destroy();
    };
  }

  /** Writes the text, unless the file changed on the machine: then `conflict` asks the user. */
  async save(overwrite = false): Promise<boolean> {
    if (this.#state !== "ready" || this.#saving) return false;
    this.#saving = true;
    const done = await this.#write(overwrite);
    this.#saving = false;
    return done;
  }

  async #write(overwrite: boolean): Promise<boolean> {
    const before = await this.#api.statFile(this.#sandbox_id, this.#path);
    if (!before.ok && before.error.code !== "not_found") return this.#saveFailed(before.error);
    if (!overwrite && before.ok && before.value.modified_at !== this.#modified_at) {
      this.#conflict = true;
      return false;
    }
    const text = (this.#view?.state ?? this.#editor_state).doc;
    const content = new Blob([[...text.iterLines()].join(this.#line_break)]);
    const written = await this.#api.writeFile(this.#sandbox_id, this.#path, content);
    if (!written.ok) return this.#saveFailed(written.error);
    const after = await this.#api.statFile(this.#sandbox_id, this.#path);
    this.#modified_at = after.ok ? after.value.modified_at : undefined;
    this.#saved_text = text;
    this.#conflict = false;
    this.#failure = undefined;
    this.#update();
    return true;
  }

  #saveFailed(failure: Failure): boolean {
    this.#failure = failure;
    return false;
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#state = "failed";
  }

  #show(text: string, language: Extension): void {
    this.#line_break = text.includes("\r\n") ? "\r\n" : "\n";
    this.#editor_state = EditorState.create({ doc: text, extensions: this.#extensions(language) });
    this.#saved_text = this.#editor_state.doc;
    this.#dirty = false;
    this.#failure = undefined;
    this.#view?.setState(this.#editor_state);
    this.#state = "ready";
  }

  #update(): void {
    const state = this.#view?.state ?? this.#editor_state;
    this.#dirty = !state.doc.eq(this.#saved_text);
  }

  #extensions(language: Extension): Extension {
    return [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      foldGutter(),
      drawSelection(),
      EditorState.allowMultipleSelections.of(true),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...completionKeymap,
        // Escape and then Tab leaves the editor, for those who have no mouse.
        indentWithTab,
      ]),
      EditorView.contentAttributes.of({ "aria-label": t("editor.text", { name: baseName(this.#path) }) }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.#update();
      }),
      this.#language.of(language),
      appearance,
    ];
  }
}

/** The text in `bytes`, or undefined when they are no UTF-8 or hold a NUL. */
function decodeText(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
