// FileActions: what the user wants done with files, the question before it and the news after it.

import { makeFailure } from "../../lib/api.js";
import { joinPath } from "../../lib/format.js";
import type { Question } from "../../ui/question.js";
import { fromDrop, type Collection } from "./collect.js";
import { newQuestion, removeQuestion, renameQuestion, uploadQuestion } from "./questions.js";
import type { FileTree } from "./tree.svelte.js";
import type { Uploads } from "./uploads.svelte.js";

export interface FileNews {
  readonly opened: (path: string) => void;
  readonly moved: (path: string, to: string) => void;
  readonly removed: (path: string) => void;
}

export class FileActions {
  readonly #tree: FileTree;
  readonly #uploads: Uploads;
  readonly #news: FileNews;
  #question = $state.raw<Question | undefined>(undefined);

  constructor(tree: FileTree, uploads: Uploads, news: FileNews) {
    this.#tree = tree;
    this.#uploads = uploads;
    this.#news = news;
  }

  get question(): Question | undefined {
    return this.#question;
  }

  close(): void {
    this.#question = undefined;
  }

  askNew(kind: "file" | "folder"): void {
    const folder = this.#tree.target;
    this.#question = newQuestion(kind, folder, (name) => void this.#make(kind, joinPath(folder, name)));
  }

  askRename(): void {
    const path = this.#tree.selected?.path;
    if (path !== undefined) this.#question = renameQuestion(path, (to) => void this.#move(path, to));
  }

  askRemove(): void {
    const row = this.#tree.selected;
    if (row === undefined) return;
    this.#question = removeQuestion(row.path, row.kind === "directory", () => void this.#remove(row.path));
  }

  async upload(folder: string, collection: Collection): Promise<void> {
    const existing = await this.#uploads.existing(folder, collection.uploads);
    const send = (): void => void this.#uploads.run(folder, collection.uploads).then(() => this.#tree.refresh());
    this.#question = uploadQuestion(collection, existing, send);
    if (this.#question === undefined) send();
  }

  async drop(folder: string, transfer: DataTransfer): Promise<void> {
    let collection: Collection;
    try {
      collection = await fromDrop(transfer);
    } catch {
      this.#uploads.report(makeFailure("invalid", "files.unreadable"));
      return;
    }
    await this.upload(folder, collection);
  }

  async #make(kind: "file" | "folder", path: string): Promise<void> {
    if (kind === "folder") await this.#tree.makeFolder(path);
    else if (await this.#tree.makeFile(path)) this.#news.opened(path);
  }

  async #move(path: string, to: string): Promise<void> {
    if (await this.#tree.move(path, to)) this.#news.moved(path, to);
  }

  async #remove(path: string): Promise<void> {
    if (await this.#tree.remove(path)) this.#news.removed(path);
  }
}
