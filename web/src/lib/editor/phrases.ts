// CodeMirror's own words (its search panel, folding, completion) in the page's language.

import { EditorState, type Extension } from "@codemirror/state";

import { t, type MessageKey } from "../i18n.svelte.js";

const words: Readonly<Record<string, MessageKey>> = {
  Find: "editor.words.find",
  Replace: "editor.words.replace",
  next: "editor.words.next",
  previous: "editor.words.previous",
  all: "editor.words.all",
  "match case": "editor.words.match_case",
  regexp: "editor.words.regexp",
  "by word": "editor.words.by_word",
  replace: "editor.words.replace_one",
  "replace all": "editor.words.replace_all",
  close: "editor.words.close",
  "current match": "editor.words.current_match",
  "on line": "editor.words.on_line",
  "replaced $ matches": "editor.words.replaced_matches",
  "replaced match on line $": "editor.words.replaced_match",
  "Go to line": "editor.words.go_to_line",
  go: "editor.words.go",
  "Fold line": "editor.words.fold_line",
  "Unfold line": "editor.words.unfold_line",
  "folded code": "editor.words.folded",
  unfold: "editor.words.unfold",
  "Folded lines": "editor.words.folded_lines",
  "Unfolded lines": "editor.words.unfolded_lines",
  to: "editor.words.to",
  "Control character": "editor.words.control",
  Completions: "editor.words.completions",
  "Selection deleted": "editor.words.deleted",
};

export const phrases = (): Extension =>
  EditorState.phrases.of(Object.fromEntries(Object.entries(words).map(([word, key]) => [word, t(key)])));
