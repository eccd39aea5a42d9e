// The folders that an upload needs, and what is in them already.

import type { Api, Failure } from "../../lib/api.js";
import { baseName, joinPath, parentPath } from "../../lib/format.js";
import { pathName } from "../../lib/path_bytes.js";
import type { Upload } from "./collect.js";
import { patiently } from "./patience.js";

/** Makes folders with those around them, each once. */
export class FolderMaker {
  readonly #api: Api;
  readonly #sandbox_id: string;
  readonly #made = new Set<string>();

  constructor(api: Api, sandbox_id: string) {
    this.#api = api;
    this.#sandbox_id = sandbox_id;
  }

  /** `path` is there; nothing above it need be made. */
  knows(path: string): void {
    this.#made.add(path);
  }

  forget(): void {
    this.#made.clear();
  }

  async make(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    if (path === "/" || this.#made.has(path)) return undefined;
    const above = await this.make(parentPath(path), signal);
    if (above !== undefined) return above;
    const made = await patiently(signal, () => this.#api.makeDirectory(this.#sandbox_id, path, signal));
    if (!made.ok && made.error.code !== "conflict") return made.error;
    this.#made.add(path);
    return undefined;
  }
}

/** The files of `uploads` that are below `folder` already; a folder is asked for only if it is there. */
export async function existingFiles(
  api: Api,
  sandbox_id: string,
  folder: string,
  uploads: readonly Upload[],
): Promise<readonly string[]> {
  const known = new Map<string, ReadonlySet<string>>();
  const { signal } = new AbortController();
  const read = async (path: string): Promise<ReadonlySet<string>> => {
    if (path !== folder && !(await names(parentPath(path))).has(baseName(path))) return new Set();
    const list = await patiently(signal, () => api.listFiles(sandbox_id, path));
    return new Set(list.ok ? list.value.entries.map(pathName) : []);
  };
  const names = async (path: string): Promise<ReadonlySet<string>> => {
    const found = known.get(path) ?? (await read(path));
    known.set(path, found);
    return found;
  };
  const existing: string[] = [];
  for (const { file, path } of uploads) {
    const whole = joinPath(folder, path);
    if (file !== undefined && (await names(parentPath(whole))).has(baseName(whole))) existing.push(path);
  }
  return existing;
}
