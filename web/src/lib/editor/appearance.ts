// How the editor looks: the page's own custom properties, so that it follows the theme by itself.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--terminal)", color: "var(--text)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--terminal)", color: "var(--muted)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#cfe6d9, #24513b)",
  },
  ".cm-panels": { backgroundColor: "var(--bg)", color: "var(--text)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search, .cm-panel.cm-gotoLine": {
    padding: "6px 44px 6px 12px",
    fontFamily: "var(--sans)",
    fontSize: "13px",
  },
  ".cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label": {
    margin: "3px 6px 3px 0",
    verticalAlign: "middle",
  },
  ".cm-panel.cm-search label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    padding: "0 4px",
    color: "var(--muted)",
    fontSize: "12px",
  },
  ".cm-panel.cm-search label input": { margin: "0" },
  ".cm-panel.cm-search [type=checkbox]": { accentColor: "var(--accent)" },
  ".cm-textfield": {
    width: "220px",
    maxWidth: "100%",
    height: "28px",
    padding: "0 8px",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    fontSize: "13px",
  },
  ".cm-button": {
    height: "28px",
    padding: "0 10px",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    fontSize: "13px",
    cursor: "pointer",
    "&:hover": { backgroundColor: "var(--hover)" },
    "&:active": { backgroundImage: "none", backgroundColor: "var(--accent-soft)" },
  },
  ".cm-panel.cm-search [name=close], .cm-panel.cm-gotoLine [name=close]": {
    top: "8px",
    right: "10px",
    width: "28px",
    height: "28px",
    borderRadius: "6px",
    color: "var(--muted)",
    fontSize: "18px",
    cursor: "pointer",
    "&:hover": { backgroundColor: "var(--hover)", color: "var(--text)" },
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "8px" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-soft)", outline: "1px solid var(--warning)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "light-dark(#7a3f9d, #c79be0)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "light-dark(#1c6b49, #6acb9a)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "light-dark(#9a4a12, #e5a878)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "light-dark(#245a9c, #7fb2e5)" },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "light-dark(#14686c, #6cc7c9)" },
  { tag: [tags.propertyName, tags.attributeName], color: "light-dark(#7d5200, #e0b565)" },
  { tag: [tags.tagName, tags.definition(tags.variableName)], color: "light-dark(#245a9c, #7fb2e5)" },
  { tag: tags.heading, fontWeight: "600", color: "light-dark(#1c6b49, #6acb9a)" },
  { tag: [tags.link, tags.url], color: "var(--accent)", textDecoration: "underline" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--danger)" },
]);

export const appearance: Extension = [theme, syntaxHighlighting(colours)];
