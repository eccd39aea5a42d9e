// What the SQL editor looks like beyond every editor's look: the running statement, errors, completion.

import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

export const sqlLook: Extension = EditorView.theme({
  ".cm-line": { paddingLeft: "10px", borderLeft: "2px solid transparent" },
  ".cm-line.cm-current-statement": { borderLeftColor: "color-mix(in srgb, var(--accent) 55%, transparent)" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0" },
  ".cm-lint-marker": { width: "12px", height: "12px" },
  ".cm-tooltip.cm-tooltip-lint": { padding: "2px", boxShadow: "var(--shadow)" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--sans)", fontSize: "13px", maxWidth: "480px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--danger)" },
  ".cm-tooltip.cm-tooltip-autocomplete": { padding: "4px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "260px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "baseline",
    gap: "8px",
    padding: "3px 10px 3px 6px",
    borderRadius: "5px",
    lineHeight: "1.5",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-soft)",
    color: "var(--text)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: "600" },
  ".cm-completionDetail": {
    flex: "1",
    marginLeft: "16px",
    color: "var(--muted)",
    fontStyle: "normal",
    fontSize: "12px",
    textAlign: "right",
  },
  ".cm-completionIcon": { width: "1.1em", opacity: "0.75", color: "var(--muted)" },
});
