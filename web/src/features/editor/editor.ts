// The editor as one chunk: CodeMirror is large, and many never open a file.

export { Document } from "./document.svelte.js";
export { default as EditorPane } from "./EditorPane.svelte";
