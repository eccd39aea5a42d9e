// Desk: the open files of one workspace, and the editor that is loaded with the first of them.
//
// Owned by WorkspacePage, above all layouts and states of the machine, so that unsaved text ends
// only when the user says so. Which files are open outlives a reload; their unsaved text does not.

import type { Document, EditorPane } from "../features/editor/editor.js";
import { Documents } from "../features/editor/documents.svelte.js";
import type { Api } from "../lib/api.js";
import { recallText, recallTexts, remember } from "../lib/tab_memory.js";

interface Editor {
  readonly Document: typeof Document;
  readonly EditorPane: typeof EditorPane;
}

const files_max = 20;

export class Desk {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #files_key: string;
  readonly #file_key: string;
  readonly documents: Documents<Document>;
  #editor = $state.raw<Editor | undefined>(undefined);
  #unloadable = $state(false);
  #restoring = false;
  #restored = false;

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
    this.#files_key = `paddock.files.${sandbox_id}`;
    this.#file_key = `paddock.file.${sandbox_id}`;
    this.documents = new Documents((path) => this.#makeDocument(path));
  }

  get Pane(): typeof EditorPane | undefined {
    return this.#editor?.EditorPane;
  }

  /** Whether the editor could not be loaded; a reload of the page helps. */
  get unloadable(): boolean {
    return this.#unloadable;
  }

  /** Opens `path` and puts the focus there. False when there is no editor to open it in. */
  async open(path: string): Promise<boolean> {
    if (!(await this.#load())) return false;
    this.documents.open(path).askFocus();
    return true;
  }

  /** Opens what was open before a reload, as far as it is still there. Once. */
  async restore(): Promise<void> {
    if (this.#restoring) return;
    this.#restoring = true;
    const paths = recallTexts(this.#files_key).slice(0, files_max);
    const active = recallText(this.#file_key);
    if (paths.length > 0 && (await this.#load())) {
      const found = await Promise.all(paths.map((path) => this.#api.statFile(this.#sandbox_id, path)));
      for (const [at, path] of paths.entries()) if (found[at]?.ok === true) this.documents.open(path);
      if (active !== undefined && this.documents.find(active) !== undefined) this.documents.activate(active);
    }
    this.#restored = true;
    this.remember();
  }

  /** Keeps what is open now for the next load of the page. */
  remember(): void {
    const paths = this.documents.list.map((document) => document.path);
    const active = this.documents.active?.path;
    if (!this.#restored) return;
    remember(this.#files_key, paths);
    remember(this.#file_key, active);
  }

  #makeDocument(path: string): Document {
    if (this.#editor === undefined) throw new Error("a document before its editor");
    const document = new this.#editor.Document(this.#api, this.#sandbox_id, path);
    void document.load();
    return document;
  }

  async #load(): Promise<boolean> {
    try {
      this.#editor ??= await import("../features/editor/editor.js");
      this.#unloadable = false;
      return true;
    } catch {
      // The network, or a newer server that no longer has this page's files.
      this.#unloadable = true;
      return false;
    }
  }
}
