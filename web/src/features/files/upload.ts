// Uploads: files and whole folders from the user's computer, by button or by drag and drop.

import type { Api, Failure } from "../../lib/api.js";
import { joinPath, parentPath } from "../../lib/format.js";

export interface Upload {
  readonly file: File;
  /** Below the target directory, with slashes. */
  readonly path: string;
}

/** One drop may hold no more than this; a folder of a million files is a mistake. */
export const uploads_max = 2000;

export function fromFileList(files: Iterable<File>): Upload[] {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

const readEntries = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));
const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

async function collect(entry: FileSystemEntry, uploads: Upload[]): Promise<void> {
  if (uploads.length >= uploads_max) return;
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    uploads.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // readEntries gives a part each time, and nothing at the end.
  for (let part = await readEntries(reader); part.length > 0; part = await readEntries(reader)) {
    for (const child of part) await collect(child, uploads);
  }
}

/** What was dropped, folders with all they hold. Rejects when the browser cannot read it. */
export async function fromDrop(transfer: DataTransfer): Promise<Upload[]> {
  // The entries must be taken before the first await: afterwards the browser has emptied the list.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const uploads: Upload[] = [];
  for (const entry of entries) await collect(entry, uploads);
  return uploads;
}

/** Writes `uploads` below `folder`, one after another. Returns the first failure, if any. */
export async function uploadAll(
  api: Api,
  sandbox_id: string,
  folder: string,
  uploads: readonly Upload[],
  progress: (done: number) => void,
): Promise<Failure | undefined> {
  const made = new Set<string>([folder]);
  for (const [done, upload] of uploads.entries()) {
    progress(done);
    const path = joinPath(folder, upload.path);
    const failure = (await makeFolders(api, sandbox_id, parentPath(path), made)) ?? (await write(api, sandbox_id, path, upload));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function makeFolders(api: Api, sandbox_id: string, path: string, made: Set<string>): Promise<Failure | undefined> {
  if (made.has(path)) return undefined;
  const failure = await makeFolders(api, sandbox_id, parentPath(path), made);
  if (failure !== undefined) return failure;
  made.add(path);
  const result = await api.makeDirectory(sandbox_id, path);
  return result.ok || result.error.code === "conflict" ? undefined : result.error;
}

async function write(api: Api, sandbox_id: string, path: string, upload: Upload): Promise<Failure | undefined> {
  const result = await api.writeFile(sandbox_id, path, upload.file);
  return result.ok ? undefined : result.error;
}
