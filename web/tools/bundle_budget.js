// Fails when a page loads more JavaScript at its start than it may (gzip, static imports included).
//
// Run by `npm run build`. Reads dist/.vite/manifest.json and removes it, since nobody serves it.

import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgets = [
  { page: "home", entries: ["index.html", "src/app/HomePage.svelte"], bytes_max: 60 * 1024 },
  { page: "workspace", entries: ["index.html", "src/app/WorkspacePage.svelte"], bytes_max: 260 * 1024 },
];

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

function addFiles(key, files) {
  const entry = manifest[key];
  if (entry === undefined) throw new Error(`${key} is not in the manifest`);
  if (files.has(entry.file)) return;
  files.add(entry.file);
  for (const imported of entry.imports ?? []) addFiles(imported, files);
}

let failed = false;
for (const { page, entries, bytes_max } of budgets) {
  const files = new Set();
  for (const entry of entries) addFiles(entry, files);
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length, 0);
  const verdict = bytes <= bytes_max ? "ok" : "TOO LARGE";
  process.stdout.write(`${page}: ${(bytes / 1024).toFixed(1)} of ${bytes_max / 1024} KiB gzip, ${verdict}\n`);
  failed ||= bytes > bytes_max;
}
rmSync("dist/.vite", { recursive: true });
if (failed) process.exit(1);
