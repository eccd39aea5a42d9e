// FileTree: the directories of one machine, read when they are opened.
//
// Rows are what the view shows: the open part of the tree, flattened. Every change goes to the
// server first and is then read back, so the tree never shows what is not there.

import { SvelteMap, SvelteSet } from "svelte/reactivity";

import type { Api, Failure } from "../../lib/api.js";
import { joinPath, parentPath } from "../../lib/format.js";
import type { FileInfo } from "../../protocol/api.generated.js";

export interface Row {
  readonly path: string;
  readonly name: string;
  readonly kind: FileInfo["kind"];
  readonly depth: number;
  readonly open: boolean;
  readonly size_bytes: number;
  readonly link_target: string | undefined;
  /** False for names that are not UTF-8: they are shown, but no path can name them here. */
  readonly usable: boolean;
}

export class FileTree {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #folders = new SvelteMap<string, readonly FileInfo[]>();
  readonly #open = new SvelteSet<string>();
  #root = $state("/root");
  #selected = $state<string | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);
  #truncated = $state(false);

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
  }

  get root(): string {
    return this.#root;
  }

  get loaded(): boolean {
    return this.#folders.has(this.#root);
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get selected(): Row | undefined {
    return this.rows.find((row) => row.path === this.#selected);
  }

  readonly rows = $derived(this.#rowsBelow(this.#root, 0));

  select(path: string): void {
    this.#selected = path;
  }

  dismissFailure(): void {
    this.#failure = undefined;
  }

  /** Shows the home directory, or the whole machine where there is none. */
  async start(): Promise<void> {
    const home = await this.#api.listFiles(this.#sandbox_id, this.#root);
    if (home.ok) this.#folders.set(this.#root, home.value.entries);
    else if (home.error.code === "not_found" && this.#root !== "/") await this.setRoot("/");
    else this.#failure = home.error;
  }

  async setRoot(path: string): Promise<void> {
    this.#root = path;
    this.#selected = undefined;
    await this.#load(path);
  }

  async toggle(path: string): Promise<void> {
    if (this.#open.delete(path)) return;
    if (await this.#load(path)) this.#open.add(path);
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  /** Reads every open directory again. */
  async refresh(): Promise<void> {
    const paths = [this.#root, ...this.#open];
    await Promise.all(paths.map((path) => this.#load(path)));
  }

  /** The directory that a new file goes into: the selected one, or the one around the selection. */
  get target(): string {
    const selected = this.selected;
    if (selected === undefined) return this.#root;
    return selected.kind === "directory" ? selected.path : parentPath(selected.path);
  }

  async makeFile(path: string): Promise<boolean> {
    const exists = await this.#api.statFile(this.#sandbox_id, path);
    if (exists.ok) {
      this.#failure = { code: "conflict", message: path, request_id: undefined, retry_after_s: undefined };
      return false;
    }
    return this.#changed(await this.#api.writeFile(this.#sandbox_id, path, new Blob([])), path);
  }

  async makeFolder(path: string): Promise<boolean> {
    return this.#changed(await this.#api.makeDirectory(this.#sandbox_id, path), path);
  }

  async move(path: string, to: string): Promise<boolean> {
    return this.#changed(await this.#api.moveFile(this.#sandbox_id, path, to), to);
  }

  async remove(path: string): Promise<boolean> {
    this.#open.delete(path);
    return this.#changed(await this.#api.removeFile(this.#sandbox_id, path), path);
  }

  report(failure: Failure): void {
    this.#failure = failure;
  }

  /** After something was written below `folder` from elsewhere. */
  async reload(folder: string): Promise<void> {
    if (this.#folders.has(folder)) await this.#load(folder);
  }

  async #changed(result: { ok: true } | { ok: false; error: Failure }, path: string): Promise<boolean> {
    if (!result.ok) {
      this.#failure = result.error;
      return false;
    }
    this.#failure = undefined;
    const folder = parentPath(path);
    if (await this.#load(folder)) {
      if (folder !== this.#root) this.#open.add(folder);
    }
    this.#selected = path;
    return true;
  }

  async #load(path: string): Promise<boolean> {
    const list = await this.#api.listFiles(this.#sandbox_id, path);
    if (!list.ok) {
      // A directory that another program removed simply closes; the root's failure is the user's.
      this.#open.delete(path);
      this.#folders.delete(path);
      if (path === this.#root || list.error.code !== "not_found") this.#failure = list.error;
      return false;
    }
    this.#folders.set(path, list.value.entries);
    this.#truncated = list.value.truncated;
    return true;
  }

  #rowsBelow(folder: string, depth: number): Row[] {
    const entries = [...(this.#folders.get(folder) ?? [])];
    entries.sort((a, b) => Number(b.kind === "directory") - Number(a.kind === "directory"));
    return entries.flatMap((entry) => {
      const path = joinPath(folder, entry.name);
      const open = entry.kind === "directory" && this.#open.has(path);
      const row: Row = {
        path,
        name: entry.name,
        kind: entry.kind,
        depth,
        open,
        size_bytes: entry.size_bytes,
        link_target: entry.link_target,
        usable: entry.name_base64 === undefined,
      };
      return open ? [row, ...this.#rowsBelow(path, depth + 1)] : [row];
    });
  }
}
