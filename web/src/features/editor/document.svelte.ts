// Document: one open file: its text in CodeMirror, what the machine has, and whether they differ.
//
// A save first looks whether the file on the machine is still what was read or written last, because
// programs in the terminal write files too; if not, the user decides. The bytes are compared: times
// have whole seconds here, and a second is long for a program.

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

import type { Answer, Api, Failure } from "../../lib/api.js";
import { baseName } from "../../lib/format.js";
import { t } from "../../lib/i18n.svelte.js";
import { succeed } from "../../lib/result.js";
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
  #known = new Uint8Array(0);
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
    this.#known = new Uint8Array(content.value);
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
    const changed = overwrite ? succeed(false) : await this.#hasChanged();
    if (!changed.ok) return this.#saveFailed(changed.error);
    if (changed.value) {
      this.#conflict = true;
      return false;
    }
    const text = (this.#view?.state ?? this.#editor_state).doc;
    const bytes = new TextEncoder().encode([...text.iterLines()].join(this.#line_break));
    const written = await this.#api.writeFile(this.#sandbox_id, this.#path, new Blob([bytes]));
    if (!written.ok) return this.#saveFailed(written.error);
    this.#known = bytes;
    this.#saved_text = text;
    this.#conflict = false;
    this.#failure = undefined;
    this.#update();
    return true;
  }

  /** Whether the file on the machine is no longer what is known here. A missing one is not changed. */
  async #hasChanged(): Answer<boolean> {
    const info = await this.#api.statFile(this.#sandbox_id, this.#path);
    if (!info.ok) return info.error.code === "not_found" ? succeed(false) : info;
    if (info.value.size_bytes !== this.#known.length) return succeed(true);
    const content = await this.#api.readFile(this.#sandbox_id, this.#path);
    if (!content.ok) return content;
    const now = new Uint8Array(content.value);
    return succeed(now.length !== this.#known.length || now.some((byte, at) => byte !== this.#known[at]));
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
