// Which statement the cursor is in, as the editor's own syntax tree has it.
//
// Only for what the user points at: what is run whole is split by the server, which knows the
// dialects in full. A trigger's body is one statement with it, though the tree has it in pieces.

import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

export interface Span {
  readonly from: number;
  readonly to: number;
}

const parse_ms_max = 200;
const opens_body = /^\s*create\s+(?:or\s+replace\s+)?(?:definer\s*=\s*\S+\s+)?(?:temp\s+|temporary\s+)?(?:trigger|procedure|function|event)\b[\s\S]*\bbegin\b/i;
const ends_body = /\bend\s*;?\s*$/i;

/** The statements of `state`, in order, each with its semicolon. */
export function statements(state: EditorState): Span[] {
  const tree = ensureSyntaxTree(state, state.doc.length, parse_ms_max) ?? syntaxTree(state);
  const found: Span[] = [];
  let body: number | undefined;
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name !== "Statement") continue;
    const text = state.sliceDoc(node.from, node.to);
    const from: number = body ?? node.from;
    if (body === undefined ? opens_body.test(text) && !ends_body.test(text) : !ends_body.test(text)) {
      body = from;
      continue;
    }
    found.push({ from, to: node.to });
    body = undefined;
  }
  if (body !== undefined) found.push({ from: body, to: state.doc.length });
  return found;
}

/** The statement that goes on at `position`: spaces after it still belong to it, a semicolon ends it. */
export function statementBeingTyped(state: EditorState, position: number): Span {
  const before = statements(state).findLast(({ from }) => from <= position);
  if (before === undefined) return { from: position, to: position };
  const ended = before.to < position && state.sliceDoc(before.to - 1, before.to) === ";";
  return ended ? { from: position, to: position } : { from: before.from, to: Math.max(before.to, position) };
}

/** The statement at `position`: the one around it, else the one before it on its line, else the next, else the last. */
export function statementAt(state: EditorState, position: number): Span | undefined {
  const all = statements(state);
  const around = all.find(({ from, to }) => from <= position && position <= to);
  if (around !== undefined) return around;
  const line = state.doc.lineAt(position);
  const before = all.findLast(({ to }) => to <= position);
  if (before !== undefined && before.to >= line.from) return before;
  return all.find(({ from }) => from >= position) ?? before;
}
