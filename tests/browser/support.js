// What the journeys share: a browser, pages that watch themselves, and how to read a terminal.
//
// The server's address comes from PADDOCK_URL; `run` starts one when it is not set. Terminals are
// read through the screen reader's view of xterm.js, so the tests see what its users hear.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const server_url = process.env.PADDOCK_URL ?? "";
assert.notEqual(server_url, "", "PADDOCK_URL is not set: start the tests by tests/browser/run");

/** Long enough for two slow cores that other tests share; nothing waits longer than it must. */
export const wait_ms = 60_000;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A guest of their own: cookies and storage are shared by the pages of one context only. */
export async function newGuest(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US", ...options });
  await context.addInitScript(() => localStorage.setItem("paddock.reader", "on"));
  context.setDefaultTimeout(wait_ms);
  return context;
}

/** A page that remembers what it must never do: ask a host but the server and `others`, break its policy, throw. */
export async function newPage(context, others = []) {
  const page = await context.newPage();
  const hosts = [new URL(server_url).origin, ...others];
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`threw ${error.message}`));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) page.faults.push(message.text());
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:" && !hosts.includes(url.origin)) {
      page.faults.push(`asked ${url.origin}`);
    }
  });
  return page;
}

/** Starts the default machine from the home page and waits for its shell. */
export async function startMachine(page) {
  await page.goto(server_url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/machines\/[a-z2-7]{26}$/);
  await waitForScreen(page, /[#$] ?$/);
}

/** The rows of the terminal that is shown, without the empty ones at the end. */
export async function screenOf(page) {
  const rows = page.locator('.view:not([hidden]) .xterm-accessibility-tree [role="listitem"]');
  const texts = await rows.allTextContents();
  const lines = texts.map((text) => text.replaceAll("\u00a0", " ").trimEnd());
  return lines.join("\n").trimEnd();
}

/** What else the page shows, for a failure that is not to be guessed at. */
function stateOf(page) {
  return page.evaluate(() => {
    const views = [...document.querySelectorAll(".view")].map((view) => `${view.hidden ? "hidden" : "shown"} ${view.className}`);
    const said = [...document.querySelectorAll('[role="status"], [role="alert"]')].map((element) => element.textContent.trim());
    return JSON.stringify({ path: location.pathname, visibility: document.visibilityState, views, said });
  });
}

/** Waits until the screen matches and returns it. */
export async function waitForScreen(page, pattern, timeout_ms = wait_ms) {
  const until = Date.now() + timeout_ms;
  for (;;) {
    const screen = await screenOf(page);
    if (pattern.test(screen)) return screen;
    if (Date.now() > until) assert.fail(`the screen never matched ${String(pattern)}:\n${screen}\n${await stateOf(page)}`);
    await page.waitForTimeout(50);
  }
}

export async function focusTerminal(page) {
  await page.locator(".view:not([hidden]) .xterm-helper-textarea").focus();
}

/** Types a line into the terminal that is shown. */
export async function typeLine(page, line) {
  await focusTerminal(page);
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** Every terminal socket of the page goes through here, so that a test can cut it. */
export async function throughGate(page) {
  const gate = { open: true, sockets: [], count: 0 };
  await page.routeWebSocket(/\/api\/v1\/terminals\//, (socket) => {
    gate.count += 1;
    if (!gate.open) {
      void socket.close({ code: 3001, reason: "cut by the test" });
      return;
    }
    const server = socket.connectToServer();
    gate.sockets.push({ socket, server });
  });
  gate.cut = () => {
    for (const { socket, server } of gate.sockets.splice(0)) {
      void socket.close({ code: 3001, reason: "cut by the test" });
      void server.close({ code: 3001, reason: "cut by the test" });
    }
  };
  return gate;
}
