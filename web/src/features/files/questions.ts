// The questions that the file browser asks, in words.

import { baseName, joinPath, parentPath } from "../../lib/format.js";
import { t } from "../../lib/i18n.svelte.js";
import type { Question } from "../../ui/question.js";

export function newQuestion(kind: "file" | "folder", folder: string, answered: (name: string) => void): Question {
  return {
    title: t(kind === "file" ? "files.new_file" : "files.new_folder"),
    text: t("files.name_in", { folder }),
    action: t("create"),
    value: "",
    answered,
  };
}

export function renameQuestion(path: string, answered: (to: string) => void): Question {
  return {
    title: t("files.rename"),
    text: t("files.new_name", { name: baseName(path) }),
    action: t("files.rename"),
    value: baseName(path),
    // A name with a slash at its front is a whole path: that moves the file.
    answered: (name) => answered(name.startsWith("/") ? name : joinPath(parentPath(path), name)),
  };
}

export function removeQuestion(path: string, folder: boolean, answered: () => void): Question {
  return {
    title: t(folder ? "files.remove_folder" : "files.remove_file", { name: baseName(path) }),
    text: t(folder ? "files.remove_folder_text" : "files.remove_file_text"),
    action: t("delete"),
    danger: true,
    answered,
  };
}
