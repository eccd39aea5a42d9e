// Document: one open file: its text in CodeMirror, what the machine has, and whether they differ.
//
// A save first looks whether the file on the machine is still what was read or written last, because
// programs in the terminal write files too; if not, the user decides. The bytes are compared: times
// have whole seconds here, and a second is long for a program.

import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import type { Answer, Api, Failure } from "../../lib/api.js";
import { baseName } from "../../lib/format.js";
import { t } from "../../lib/i18n.svelte.js";
import { shownPath } from "../../lib/path_bytes.js";
import { succeed } from "../../lib/result.js";
import { editing } from "../../lib/editor/extensions.js";
import { languageOf } from "./languages.js";
import { phrases } from "../../lib/editor/phrases.js";
import { decodeText, lineBreakOf } from "./text.js";

/** Larger files are for the terminal; the browser would hold several copies of them. */
export const file_bytes_max = 4 << 20;

export type DocumentState = "loading" | "ready" | "binary" | "too_large" | "failed";

export class Document {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #language = new Compartment();
  readonly #words = new Compartment();
  #path = $state("");
  #state = $state<DocumentState>("loading");
  #dirty = $state(false);
  #saving = $state(false);
  #conflict = $state(false);
  #failure = $state.raw<Failure | undefined>(undefined);
  #known = new Uint8Array(0);
  #saved_text = EditorState.create({ doc: "" }).doc;
  #view: EditorView | undefined;
  /** Where the focus was when the user wanted it in this text; it is not taken from anywhere else. */
  #focus_from: Element | null | undefined;
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
    this.#show(text);
    void this.#loadLanguage();
  }

  /** The user wants to type here, now or as soon as the text is there. */
  askFocus(): void {
    if (this.#view !== undefined) this.#view.focus();
    else this.#focus_from = globalThis.document.activeElement;
  }

  /** The editor's own words follow the language of the page. */
  setWords(): void {
    const effects = this.#words.reconfigure(this.#wording());
    if (this.#view !== undefined) this.#view.dispatch({ effects });
    else this.#editor_state = this.#editor_state.update({ effects }).state;
  }

  /** Shows the text in `host`; the result takes it away again and keeps the state. */
  mount(host: HTMLElement): () => void {
    const view = new EditorView({ state: this.#editor_state, parent: host });
    this.#view = view;
    const { activeElement, body } = globalThis.document;
    const unmoved = activeElement === this.#focus_from || activeElement === body;
    if (this.#focus_from !== undefined && unmoved) view.focus();
    this.#focus_from = undefined;
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
    const state = this.#view?.state ?? this.#editor_state;
    const bytes = new TextEncoder().encode(state.sliceDoc());
    const written = await this.#api.writeFile(this.#sandbox_id, this.#path, new Blob([bytes]));
    if (!written.ok) return this.#saveFailed(written.error);
    this.#known = bytes;
    this.#saved_text = state.doc;
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

  /** Colours come when they are there; without them it is plain text. */
  async #loadLanguage(): Promise<void> {
    let language: Extension;
    try {
      language = await languageOf(baseName(this.#path));
    } catch {
      return;
    }
    const effects = this.#language.reconfigure(language);
    if (this.#view !== undefined) this.#view.dispatch({ effects });
    else this.#editor_state = this.#editor_state.update({ effects }).state;
  }

  #show(text: string): void {
    this.#editor_state = EditorState.create({ doc: text, extensions: this.#extensions(lineBreakOf(text)) });
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

  #extensions(line_break: string): Extension {
    return [
      editing,
      EditorState.lineSeparator.of(line_break),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.#update();
      }),
      this.#language.of([]),
      this.#words.of(this.#wording()),
    ];
  }

  #wording(): Extension {
    const name = shownPath(baseName(this.#path));
    return [phrases(), EditorView.contentAttributes.of({ "aria-label": t("editor.text", { name }) })];
  }
}
