// collect: files and whole folders of the user's computer, chosen by button or by drag and drop.

export interface Upload {
  /** Below the target directory, with slashes. */
  readonly path: string;
  /** Undefined for a folder, which may be empty. */
  readonly file: File | undefined;
}

export interface Collection {
  readonly uploads: readonly Upload[];
  /** There was more than is taken at once. */
  readonly truncated: boolean;
}

/** One drop may hold no more than this; a folder of a million files is a mistake. */
export const uploads_max = 2000;

export function fromFileList(files: Iterable<File>): Collection {
  const uploads = Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
  return { uploads: uploads.slice(0, uploads_max), truncated: uploads.length > uploads_max };
}

const readEntries = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));
const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** Adds `entry` and what is in it; false when that is too much. */
async function add(entry: FileSystemEntry, uploads: Upload[]): Promise<boolean> {
  if (uploads.length >= uploads_max) return false;
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    uploads.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    return true;
  }
  uploads.push({ file: undefined, path });
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // readEntries gives a part each time, and nothing at the end.
  for (let part = await readEntries(reader); part.length > 0; part = await readEntries(reader)) {
    for (const child of part) if (!(await add(child, uploads))) return false;
  }
  return true;
}

/** What was dropped, folders with all they hold. Rejects when the browser cannot read it. */
export async function fromDrop(transfer: DataTransfer): Promise<Collection> {
  // The entries must be taken before the first await: afterwards the browser has emptied the list.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const uploads: Upload[] = [];
  for (const entry of entries) if (!(await add(entry, uploads))) return { uploads, truncated: true };
  return { uploads, truncated: false };
}
