// Rows: the open part of a tree of directories, flattened for the view.

import { joinPath } from "../../lib/format.js";
import { pathName, shownPath } from "../../lib/path_bytes.js";
import type { FileInfo } from "../../protocol/api.generated.js";

export interface Folder {
  readonly entries: readonly FileInfo[];
  readonly truncated: boolean;
}

export interface Row {
  /** What names the file everywhere in the page; see path_bytes.ts. */
  readonly path: string;
  /** The name for people. */
  readonly name: string;
  readonly kind: FileInfo["kind"];
  /** Whether there is something in it: a directory, or a link that is known to lead to one. */
  readonly folder: boolean;
  readonly depth: number;
  readonly open: boolean;
  readonly size_bytes: number;
  readonly link_target: string | undefined;
}

export interface Shown {
  folder(path: string): Folder | undefined;
  isOpen(path: string): boolean;
  /** Whether the link at `path` leads to a directory, as far as is known. */
  leadsToFolder(path: string): boolean;
}

/** What a write of the agent is called until it is whole and takes its name. */
const unfinished = /^\.paddock-\d+-\d+$/;

export function rowsBelow(shown: Shown, folder: string, depth = 0): Row[] {
  const entries = (shown.folder(folder)?.entries ?? []).filter((entry) => !unfinished.test(entry.name));
  const rows = entries.map((entry): Row => {
    const path = joinPath(folder, pathName(entry));
    const is_folder = entry.kind === "directory" || (entry.kind === "symlink" && shown.leadsToFolder(path));
    return {
      path,
      name: shownPath(entry.name),
      kind: entry.kind,
      folder: is_folder,
      depth,
      open: is_folder && shown.isOpen(path),
      size_bytes: entry.size_bytes,
      link_target: entry.link_target,
    };
  });
  rows.sort((a, b) => Number(b.kind === "directory") - Number(a.kind === "directory"));
  return rows.flatMap((row) => (row.open ? [row, ...rowsBelow(shown, row.path, depth + 1)] : [row]));
}
