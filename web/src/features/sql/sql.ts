// The SQL workbench as one chunk: CodeMirror, charts and pictures are large, and many need none.

export { Queries } from "./queries.svelte.js";
export { default as QueryPane } from "./QueryPane.svelte";
