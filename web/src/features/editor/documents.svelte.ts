// Documents: the open files of one machine, as tabs.
//
// Knows nothing of CodeMirror, so that the workspace can hold it before the editor is loaded, and
// after its panes are gone: unsaved text lives as long as this.

export interface OpenDocument {
  path: string;
  readonly dirty: boolean;
  save(overwrite?: boolean): Promise<boolean>;
}

export class Documents<T extends OpenDocument> {
  readonly #make: (path: string) => T;
  #list = $state.raw<readonly T[]>([]);
  #active = $state.raw<T | undefined>(undefined);

  constructor(make: (path: string) => T) {
    this.#make = make;
  }

  get list(): readonly T[] {
    return this.#list;
  }

  get active(): T | undefined {
    return this.#active;
  }

  find(path: string): T | undefined {
    return this.#list.find((document) => document.path === path);
  }

  activate(path: string): void {
    this.#active = this.find(path);
  }

  open(path: string): T {
    let document = this.find(path);
    if (document === undefined) {
      document = this.#make(path);
      this.#list = [...this.#list, document];
    }
    this.#active = document;
    return document;
  }

  close(path: string): void {
    const at = this.#list.findIndex((document) => document.path === path);
    const closed = this.#list[at];
    this.#list = this.#list.filter((document) => document !== closed);
    if (this.#active === closed) this.#active = this.#list[at] ?? this.#list.at(-1);
  }

  /** A file or a directory with open files in it has a new name. */
  moved(path: string, to: string): void {
    for (const document of this.#list) {
      if (document.path === path) document.path = to;
      else if (document.path.startsWith(`${path}/`)) document.path = to + document.path.slice(path.length);
    }
  }

  /** Closes what was removed and has no unsaved text. */
  removed(path: string): void {
    for (const document of this.#list) {
      const gone = document.path === path || document.path.startsWith(`${path}/`);
      if (gone && !document.dirty) this.close(document.path);
    }
  }

  get dirty(): boolean {
    return this.#list.some((document) => document.dirty);
  }
}
