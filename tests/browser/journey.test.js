// The journey of a learner, in Debian's Chromium, against a real server with real sandboxes.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";

import {
  focusTerminal,
  launch,
  newGuest,
  newPage,
  screenOf,
  server_url,
  startMachine,
  throughGate,
  typeLine,
  wait_ms,
  waitForScreen,
} from "./support.js";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

describe("a machine of one's own", () => {
  let context;
  let page;
  let gate;

  before(async () => {
    context = await newGuest(browser);
    page = await newPage(context);
    gate = await throughGate(page);
    await startMachine(page);
  });
  after(() => context?.close());

  const seriousViolations = async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
  };

  it("runs what is typed and shows what it prints", async () => {
    await typeLine(page, "echo $((6 * 7))-paddock");
    await waitForScreen(page, /^42-paddock$/m);
  });

  it("shows the same terminal and the same screen after a reload", async () => {
    await typeLine(page, "kept=remembered; clear; seq 1 9");
    const before_reload = await waitForScreen(page, /\n9\n.*[#$]$/);
    const tabs = await page.getByRole("tab").count();
    await page.reload();
    const after_reload = await waitForScreen(page, /\n9\n.*[#$]$/);
    assert.equal(after_reload, before_reload);
    assert.equal(await page.getByRole("tab").count(), tabs);
    await typeLine(page, "echo it-$kept");
    await waitForScreen(page, /^it-remembered$/m);
  });

  it("comes back to the same tab after a reload, and sends what is typed meanwhile whole", async () => {
    await page.getByRole("button", { name: "New terminal" }).click();
    await page.getByRole("tab").nth(1).waitFor();
    await waitForScreen(page, /[#$]$/);
    await typeLine(page, "echo second-$((1 + 1))");
    await waitForScreen(page, /^second-2$/m);
    await page.getByRole("tab").first().click();
    await waitForScreen(page, /^it-remembered$/m);
    gate.open = false;
    await page.reload();
    await page.locator(".view:not([hidden]) .xterm-helper-textarea").waitFor({ state: "attached" });
    await typeLine(page, "clear; echo typed-ahead-$((40 + 2))-to-the-end");
    gate.open = true;
    const screen = await waitForScreen(page, /^typed-ahead-42-to-the-end$/m);
    assert.doesNotMatch(screen, /not found/);
    assert.equal(await page.getByRole("tab").first().getAttribute("aria-selected"), "true");
    await page.getByRole("tab").nth(1).click();
    await waitForScreen(page, /^second-2$/m);
    await typeLine(page, "echo size $(stty size)");
    const hidden = await waitForScreen(page, /^size \d+ \d+$/m);
    assert.doesNotMatch(hidden, /^size 24 80$/m);
    await page.getByRole("button", { name: /^Close terminal \S/ }).press("Enter");
    await page.getByRole("tab").nth(1).waitFor({ state: "detached" });
  });

  it("neither loses nor doubles anything when its connection is cut", async () => {
    await typeLine(page, "clear; for i in $(seq 1 400); do echo line-$i; sleep 0.005; done");
    for (let round = 0; round < 5; ++round) {
      await waitForScreen(page, /line-\d/);
      await page.waitForTimeout(150);
      gate.cut();
    }
    const screen = await waitForScreen(page, /line-400\n.*[#$]$/);
    const numbers = [...screen.matchAll(/^line-(\d+)$/gm)].map(([, number]) => Number(number));
    assert.ok(numbers.length > 5, screen);
    assert.deepEqual(numbers, Array.from(numbers, (_, at) => 400 - numbers.length + 1 + at));
    assert.ok(gate.count >= 5, `only ${gate.count} sockets`);
  });

  it("says that it is cut off, keeps what is typed meanwhile and sends it once", async () => {
    await typeLine(page, "clear");
    gate.open = false;
    gate.cut();
    await page.getByText("The connection is lost.").waitFor();
    await typeLine(page, "echo typed-$((1 + 1))");
    gate.open = true;
    await page.getByRole("button", { name: "Try now" }).click();
    await waitForScreen(page, /^typed-2$/m);
    await page.waitForTimeout(500);
    const screen = await screenOf(page);
    assert.equal(screen.match(/^typed-2$/gm)?.length, 1, screen);
    assert.equal(await page.getByText("The connection is lost.").count(), 0);
  });

  it("lets two windows share a terminal, and hands over its size when asked", async () => {
    const other = await newPage(context);
    await other.setViewportSize({ width: 900, height: 700 });
    await other.goto(page.url());
    await other.getByText("Another window decides the size").waitFor();
    await typeLine(page, "clear; echo from-the-first");
    await waitForScreen(other, /^from-the-first$/m);
    await typeLine(other, "echo from-the-second");
    await waitForScreen(page, /^from-the-second$/m);
    await other.getByRole("button", { name: "Take control" }).click();
    await page.getByText("Another window decides the size").waitFor();
    await typeLine(other, "clear; echo small $(stty size)");
    const size_small = await waitForScreen(other, /^small \d+ \d+$/m);
    await other.close();
    await page.getByText("Another window decides the size").waitFor({ state: "hidden" });
    await typeLine(page, "clear; echo large $(stty size)");
    const size_large = await waitForScreen(page, /^large \d+ \d+$/m);
    const columns = (screen) => Number(/^\w+ \d+ (\d+)$/m.exec(screen)[1]);
    assert.ok(columns(size_large) > columns(size_small), `${size_large} after ${size_small}`);
    assert.deepEqual(other.faults, []);
  });

  it("opens and closes terminals by keyboard, and says with what code a shell ended", async () => {
    await focusTerminal(page);
    await page.keyboard.press("Alt+Shift+N");
    await page.getByRole("tab").nth(1).waitFor();
    await waitForScreen(page, /[#$]$/);
    await typeLine(page, "exit 3");
    await page.getByText("ended with exit code 3").waitFor();
    await page.getByRole("button", { name: "Close terminal", exact: true }).click();
    await page.getByRole("tab").nth(1).waitFor({ state: "detached" });
    assert.equal(await page.getByRole("tab").count(), 1);
  });

  it("edits files, and notices when a program has changed one meanwhile", async () => {
    await page.getByRole("button", { name: "New file" }).click();
    await page.getByLabel(/^Name, in/).fill("hello.py");
    await page.getByRole("button", { name: "Create" }).click();
    const text = page.getByRole("textbox", { name: "Text of hello.py" });
    await text.waitFor();
    await text.click();
    await page.keyboard.type("print('from the editor')");
    await page.getByRole("img", { name: "not saved" }).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("img", { name: "not saved" }).waitFor({ state: "detached" });
    await typeLine(page, "clear; python3 ~/hello.py; sleep 0.1; echo '#' >> ~/hello.py");
    await waitForScreen(page, /^from the editor$/m);
    await page.waitForTimeout(500);
    await text.click();
    await page.keyboard.type("# ");
    await page.keyboard.press("Control+s");
    await page.getByText("The file changed on the machine").waitFor();
    await page.getByRole("button", { name: "Discard mine, load theirs" }).click();
    await page.getByRole("img", { name: "not saved" }).waitFor({ state: "detached" });
  });

  it("takes uploads and gives downloads back byte for byte", async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) & 255));
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Upload files" }).click(),
    ]);
    await chooser.setFiles({ name: "bytes.bin", mimeType: "application/octet-stream", buffer: bytes });
    const row = page.getByRole("treeitem", { name: "bytes.bin" });
    await row.waitFor();
    await row.click();
    await page.getByText("This file is not text.").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download bytes.bin" }).click(),
    ]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(bytes));
    await row.click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await row.waitFor({ state: "detached" });
  });

  it("shows, opens and deletes files whose names are no UTF-8", async () => {
    await typeLine(page, "clear; cd; echo one > $'\\xff'; echo two > $'\\xfe'; echo made-$?");
    await waitForScreen(page, /^made-0$/m);
    const rows = page.getByRole("treeitem", { name: "\ufffd" });
    await rows.nth(1).waitFor();
    assert.equal(await rows.count(), 2);
    await rows.first().click();
    const text = page.getByRole("textbox", { name: "Text of \ufffd" });
    await text.filter({ hasText: /one|two/ }).waitFor();
    for (const left of [1, 0]) {
      await rows.first().click();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await rows.nth(left).waitFor({ state: "detached" });
    }
    assert.deepEqual(page.faults, []);
  });

  it("asks before it replaces a file, and uploads a folder's worth", async () => {
    const upload = async (...files) => {
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Upload files" }).click(),
      ]);
      await chooser.setFiles(files.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) })));
    };
    await page.getByRole("treeitem", { name: "hello.py" }).click();
    await upload("first.txt");
    await page.getByRole("treeitem", { name: "first.txt" }).waitFor();
    await upload("first.txt", "other.txt");
    await page.getByRole("dialog").getByText("Replace 1 file?").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
    await page.getByRole("treeitem", { name: "other.txt" }).waitFor();
  });

  it("asks before unsaved text is left, by a link and by Back, and keeps it when the window turns", async () => {
    await page.getByRole("treeitem", { name: "first.txt" }).click();
    const text = page.getByRole("textbox", { name: "Text of first.txt" });
    await text.click();
    await page.keyboard.type("unsaved ");
    const unsaved = page.getByRole("img", { name: "not saved" });
    await unsaved.waitFor();
    await page.setViewportSize({ width: 600, height: 900 });
    await page.getByRole("navigation", { name: "Parts of the workspace" }).waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await text.filter({ hasText: "unsaved" }).waitFor();
    const address = page.url();
    const dialog = page.getByRole("dialog");
    await page.getByRole("link", { name: "All machines" }).click();
    await dialog.getByText("Leave without saving?").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.goBack();
    await dialog.getByText("Leave without saving?").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(page.url(), address);
    await text.filter({ hasText: "unsaved" }).waitFor();
    await text.click();
    await page.keyboard.press("Control+s");
    await unsaved.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "All machines" }).click();
    await page.getByRole("heading", { name: "Your machines" }).waitFor();
    await page.goBack();
    await text.waitFor();
  });

  for (const scheme of ["light", "dark"]) {
    it(`has no serious problem for assistive technology in the ${scheme} theme`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      assert.deepEqual(await seriousViolations(), []);
    });
  }

  it("shows what it uses", async () => {
    const memory = page.getByRole("meter", { name: "Memory" });
    await memory.filter({ hasText: "/ 512 MB" }).waitFor();
    assert.ok(Number(await page.getByRole("meter", { name: "Processes" }).getAttribute("aria-valuenow")) >= 0);
  });

  it("is listed at home and gone, everywhere, when it is deleted", async () => {
    const other = await newPage(context);
    await other.goto(page.url());
    await waitForScreen(other, /[#$]$/);
    await page.goto(server_url);
    await page.getByRole("button", { name: /^Delete machine Shell/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete machine" }).click();
    await page.getByText("No machine is running.").waitFor();
    await other.getByRole("heading", { name: "This machine is gone" }).waitFor();
    assert.deepEqual(other.faults, []);
    await other.close();
  });

  it("asked no other host, kept to its policy and threw nothing", () => {
    assert.deepEqual(page.faults, []);
  });
});

describe("the home page", () => {
  for (const scheme of ["light", "dark"]) {
    for (const language of ["en-US", "zh-CN"]) {
      it(`has no serious problem in the ${scheme} theme in ${language}`, async () => {
        const context = await newGuest(browser, { colorScheme: scheme, locale: language });
        const page = await newPage(context);
        await page.goto(server_url);
        await page.getByRole("radio").first().waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(violations.filter(({ impact }) => impact === "serious" || impact === "critical"), []);
        assert.equal(await page.locator("html").getAttribute("lang"), language === "zh-CN" ? "zh-CN" : "en");
        assert.deepEqual(page.faults, []);
        await context.close();
      });
    }
  }

  it("shows the API's reference without asking another host", async () => {
    const context = await newGuest(browser);
    const page = await newPage(context);
    await page.goto(`${server_url}/openapi/docs`);
    // Scalar's own list of the operations, so the page has read and understood the file.
    await page.getByText("Who am I").first().waitFor();
    assert.deepEqual(page.faults, []);
    await context.close();
  });
});

describe("on a phone", () => {
  it("starts a machine, types with the extra keys and shows the files", async () => {
    const context = await newGuest(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const page = await newPage(context);
    await startMachine(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    await typeLine(page, "sleep 600");
    await page.getByRole("button", { name: "Ctrl", exact: true }).tap();
    await page.keyboard.type("c");
    await typeLine(page, "echo back-$?");
    await waitForScreen(page, /^back-130$/m);
    await page.getByRole("button", { name: "Up", exact: true }).tap();
    await waitForScreen(page, /echo back-\$\?$/);
    await page.getByRole("button", { name: "Files", exact: true }).tap();
    await page.getByRole("tree", { name: "Files" }).or(page.getByText("This folder is empty.")).first().waitFor();
    await page.getByRole("button", { name: "Delete machine" }).tap();
    await page.getByRole("dialog").getByRole("button", { name: "Delete machine" }).tap();
    await page.waitForURL(server_url.replace(/\/?$/, "/"), { timeout: wait_ms });
    assert.deepEqual(page.faults, []);
    await context.close();
  });
});
