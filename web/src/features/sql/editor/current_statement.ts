// A line beside the statement that the cursor is in: it is what Ctrl+Enter runs.

import type { Extension, Range } from "@codemirror/state";
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";

import { statementAt } from "./statements.js";

/** In longer texts a look at all statements at every key would be felt. */
const letters_max = 200_000;
const mark = Decoration.line({ class: "cm-current-statement" });

function decorate(view: EditorView): DecorationSet {
  const { state } = view;
  if (state.doc.length > letters_max) return Decoration.none;
  const span = statementAt(state, state.selection.main.head);
  if (span === undefined) return Decoration.none;
  const lines: Range<Decoration>[] = [];
  const last = state.doc.lineAt(span.to).number;
  for (let line = state.doc.lineAt(span.from); ; line = state.doc.line(line.number + 1)) {
    lines.push(mark.range(line.from));
    if (line.number >= last) break;
  }
  return Decoration.set(lines);
}

export const currentStatement: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.selectionSet) this.decorations = decorate(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
