// FileTree: the directories of one machine, read when they are opened.
//
// Every change goes to the server first and is then read back, so the tree never shows what is not
// there. What failed is kept with its failure, so that "try again" really does that.

import { SvelteMap, SvelteSet } from "svelte/reactivity";

import { makeFailure, type Api, type Failure } from "../../lib/api.js";
import { parentPath } from "../../lib/format.js";
import { shownPath } from "../../lib/path_bytes.js";
import { rowsBelow, type Folder, type Row } from "./rows.js";

export type { Row } from "./rows.js";

interface Failed {
  readonly failure: Failure;
  readonly again: () => Promise<unknown>;
}

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: Failure };

export class FileTree {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #folders = new SvelteMap<string, Folder>();
  readonly #open = new SvelteSet<string>();
  readonly #folder_links = new SvelteSet<string>();
  #root = $state("/root");
  #selected = $state<string | undefined>(undefined);
  #failed = $state.raw<Failed | undefined>(undefined);

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
  }

  readonly rows: readonly Row[] = $derived(
    rowsBelow(
      {
        folder: (path) => this.#folders.get(path),
        isOpen: (path) => this.#open.has(path),
        leadsToFolder: (path) => this.#folder_links.has(path),
      },
      this.#root,
    ),
  );

  /** Whether a folder that is shown holds more than is shown. */
  readonly truncated: boolean = $derived(
    [this.#root, ...this.rows.filter((row) => row.open).map((row) => row.path)].some(
      (path) => this.#folders.get(path)?.truncated === true,
    ),
  );

  get root(): string {
    return this.#root;
  }

  get loaded(): boolean {
    return this.#folders.has(this.#root);
  }

  get failure(): Failure | undefined {
    return this.#failed?.failure;
  }

  get selected(): Row | undefined {
    return this.rows.find((row) => row.path === this.#selected);
  }

  select(path: string): void {
    this.#selected = path;
    const row = this.selected;
    if (row?.kind === "symlink") void this.resolve(row);
  }

  dismissFailure(): void {
    this.#failed = undefined;
  }

  /** Does again what failed last. */
  async retry(): Promise<void> {
    const failed = this.#failed;
    this.#failed = undefined;
    await failed?.again();
  }

  /** Shows the home directory, or the whole machine where there is none. */
  async start(): Promise<void> {
    const home = await this.#api.listFiles(this.#sandbox_id, this.#root);
    if (home.ok) this.#folders.set(this.#root, home.value);
    else if (home.error.code === "not_found" && this.#root !== "/") await this.setRoot("/");
    else this.#fail(home.error, () => this.start());
  }

  async setRoot(path: string): Promise<void> {
    this.#root = path;
    this.#selected = undefined;
    if (await this.#load(path)) this.#failed = undefined;
  }

  async toggle(path: string): Promise<void> {
    if (this.#open.delete(path)) return;
    if (!(await this.#load(path, false, () => this.toggle(path)))) return;
    this.#open.add(path);
    this.#failed = undefined;
  }

  /** Whether `row` can be opened like a folder: looks where a link leads. */
  async resolve(row: Row): Promise<boolean> {
    if (row.kind !== "symlink") return row.folder;
    const target = await this.#api.statFile(this.#sandbox_id, row.path);
    const folder = target.ok && target.value.kind === "directory";
    if (folder) this.#folder_links.add(row.path);
    else this.#folder_links.delete(row.path);
    return folder;
  }

  /** Reads every open directory again, at the user's wish. */
  async refresh(): Promise<void> {
    if ((await this.#loadShown()).every(Boolean)) this.#failed = undefined;
  }

  /** The same because time has passed: what fails then is not worth a word. */
  async follow(): Promise<void> {
    if (this.loaded) await this.#loadShown(true);
  }

  /** The directory that a new file goes into: the selected one, or the one around the selection. */
  get target(): string {
    const selected = this.selected;
    if (selected === undefined) return this.#root;
    return selected.folder ? selected.path : parentPath(selected.path);
  }

  async makeFile(path: string): Promise<boolean> {
    const again = (): Promise<boolean> => this.makeFile(path);
    const found = await this.#api.statFile(this.#sandbox_id, path);
    // Only a file that is certainly not there may be made: to write is to empty what is.
    if (found.ok) return this.#fail(makeFailure("conflict", undefined, shownPath(path)), again);
    if (found.error.code !== "not_found") return this.#fail(found.error, again);
    return this.#changed(await this.#api.writeFile(this.#sandbox_id, path, new Blob([])), [path], again);
  }

  async makeFolder(path: string): Promise<boolean> {
    const made = await this.#api.makeDirectory(this.#sandbox_id, path);
    return this.#changed(made, [path], () => this.makeFolder(path));
  }

  async move(path: string, to: string): Promise<boolean> {
    const moved = await this.#api.moveFile(this.#sandbox_id, path, to);
    return this.#changed(moved, [path, to], () => this.move(path, to));
  }

  async remove(path: string): Promise<boolean> {
    const at = this.rows.findIndex((row) => row.path === path);
    const inside = (row: Row): boolean => row.path.startsWith(`${path}/`);
    const neighbour = this.rows.slice(at + 1).find((row) => !inside(row)) ?? this.rows[at - 1];
    const removed = await this.#api.removeFile(this.#sandbox_id, path);
    if (!(await this.#changed(removed, [path], () => this.remove(path)))) return false;
    this.#open.delete(path);
    this.#selected = neighbour?.path;
    return true;
  }

  /** After something was written below `folder` from elsewhere. */
  async reload(folder: string): Promise<void> {
    if (this.#folders.has(folder)) await this.#load(folder);
  }

  #fail(failure: Failure, again: () => Promise<unknown>): false {
    this.#failed = { failure, again };
    return false;
  }

  /** Reads back the folders around `paths`, the last of which is then selected. */
  async #changed(result: Outcome, paths: readonly string[], again: () => Promise<unknown>): Promise<boolean> {
    if (!result.ok) return this.#fail(result.error, again);
    this.#failed = undefined;
    const selected = paths.at(-1) ?? this.#root;
    const folders = paths.map(parentPath);
    for (const folder of folders.filter((each, at) => folders.indexOf(each) === at)) {
      const is_target = folder === parentPath(selected);
      if (!is_target && !this.#folders.has(folder)) continue;
      if ((await this.#load(folder)) && is_target && folder !== this.#root) this.#open.add(folder);
    }
    this.#selected = selected;
    return true;
  }

  #loadShown(quiet = false): Promise<boolean[]> {
    const paths = [this.#root, ...this.rows.filter((row) => row.open).map((row) => row.path)];
    return Promise.all(paths.map((path) => this.#load(path, quiet)));
  }

  async #load(path: string, quiet = false, again = (): Promise<void> => this.refresh()): Promise<boolean> {
    const list = await this.#api.listFiles(this.#sandbox_id, path);
    if (list.ok) {
      this.#folders.set(path, list.value);
      return true;
    }
    const is_lost = list.error.code === "not_found" && !(quiet && path === this.#root);
    if (!is_lost) return quiet ? false : this.#fail(list.error, again);
    // A directory that another program removed simply closes; the root's failure is the user's.
    this.#open.delete(path);
    this.#folders.delete(path);
    return path === this.#root ? this.#fail(list.error, again) : false;
  }
}
