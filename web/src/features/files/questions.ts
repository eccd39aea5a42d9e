// The questions that the file browser asks, in words.

import { baseName, joinPath, parentPath } from "../../lib/format.js";
import { t } from "../../lib/i18n.svelte.js";
import { shownPath } from "../../lib/path_bytes.js";
import type { Question } from "../../ui/question.js";
import { uploads_max, type Collection } from "./collect.js";

const shownName = (path: string): string => shownPath(baseName(path));

export function newQuestion(kind: "file" | "folder", folder: string, answered: (name: string) => void): Question {
  return {
    title: t(kind === "file" ? "files.new_file" : "files.new_folder"),
    text: t("files.name_in", { folder: shownPath(folder) }),
    action: t("create"),
    value: "",
    answered,
  };
}

export function renameQuestion(path: string, answered: (to: string) => void): Question {
  return {
    title: t("files.rename"),
    text: t("files.new_name", { name: shownName(path) }),
    action: t("files.rename"),
    value: shownName(path),
    // A name with a slash at its front is a whole path: that moves the file.
    answered: (name) => answered(name.startsWith("/") ? name : joinPath(parentPath(path), name)),
  };
}

export function removeQuestion(path: string, folder: boolean, answered: () => void): Question {
  return {
    title: t(folder ? "files.remove_folder" : "files.remove_file", { name: shownName(path) }),
    text: t(folder ? "files.remove_folder_text" : "files.remove_file_text"),
    action: t("delete"),
    danger: true,
    answered,
  };
}

/** Before an upload that would replace files or leave some out; undefined when it may just begin. */
export function uploadQuestion(
  { truncated }: Collection,
  existing: readonly string[],
  answered: () => void,
): Question | undefined {
  const [first] = existing;
  if (first === undefined && !truncated) return undefined;
  const left_out = truncated ? t("files.upload_truncated", { count: uploads_max }) : "";
  const more = existing.length - 1;
  const replaced = first === undefined ? "" : t(more > 0 ? "files.replace_many" : "files.replace_one", { name: first, count: more });
  return {
    title: first === undefined ? t("files.upload") : t("files.replace_title", { count: existing.length }),
    text: `${left_out} ${replaced}`.trim(),
    action: first === undefined ? t("files.upload") : t("files.replace"),
    danger: first !== undefined,
    answered,
  };
}
