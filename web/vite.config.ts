import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

import { notices } from "./tools/notices.js";

// PADDOCK_URL lets `npm run dev` show the pages of this folder with a real server behind them.
const server_url = process.env["PADDOCK_URL"] ?? "http://127.0.0.1:3006";

export default defineConfig({
  plugins: [svelte(), notices()],
  build: {
    target: "es2022",
    // Nothing may become a data: URL, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rollupOptions: { input: { index: "index.html", docs: "openapi/docs/index.html" } },
  },
  server: { proxy: { "/api": { target: server_url, ws: true, changeOrigin: false } } },
  // Svelte's browser build, whose runes react; the tests still run without a DOM.
  resolve: process.env["VITEST"] === undefined ? {} : { conditions: ["browser"] },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
