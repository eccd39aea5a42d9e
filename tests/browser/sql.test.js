// The journey of somebody who learns a database: the SQL workbench of a machine with PostgreSQL.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";

import { launch, newGuest, newPage, server_url, startMachine, wait_ms } from "./support.js";

const row_count = 1_000_000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What the journeys do with the workbench that `page` shows. */
function benchOf(page) {
  /** Puts `text` in the place of what is in the editor, as typed at once. */
  async function write(text) {
    await page().locator(".cm-content").click();
    await page().keyboard.press("ControlOrMeta+a");
    await page().keyboard.insertText(text);
  }

  async function runAll(text) {
    await write(text);
    await page().keyboard.press("ControlOrMeta+Shift+Enter");
  }

  const cell = (row, column) => page().locator(`[role="gridcell"][data-row="${row}"][data-column="${column}"]`);
  const output = (name) => page().getByRole("tablist", { name: "Results" }).getByRole("tab", { name });

  const violations = async () => {
    const found = await new AxeBuilder({ page: page() }).analyze();
    return found.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
  };

  return { write, runAll, cell, output, violations };
}

describe("the SQL workbench", () => {
  let context;
  let page;

  before(async () => {
    context = await newGuest(browser, { viewport: { width: 1360, height: 860 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    page = await newPage(context);
    await page.goto(server_url);
    await page.getByRole("radio", { name: /^PostgreSQL/ }).check({ force: true });
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForURL(/\/machines\/[a-z2-7]{26}$/);
    await page.getByRole("link", { name: "SQL", exact: true }).click();
    await page.waitForURL(/\/sql$/);
    await page.getByRole("button", { name: /^Database: PostgreSQL · postgres/ }).waitFor();
  });
  after(() => context?.close());

  const { write, runAll, cell, output, violations } = benchOf(() => page);

  it("runs statements one after the other and shows what came of each", async () => {
    await runAll(
      "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, note text);\n" +
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id), price numeric(10, 2));\n" +
        "INSERT INTO customers VALUES (1, 'Ada', NULL), (2, '曹雪芹', 'NULL'), (3, 'Grace', '');\n" +
        "INSERT INTO orders SELECT i, 1 + i % 3, i * 1.10 FROM generate_series(1, 500) i;\n" +
        "SELECT * FROM customers ORDER BY id;",
    );
    await cell(1, 1).getByText("曹雪芹").waitFor();
    assert.equal(await cell(0, 2).locator(".null").count(), 1);
    assert.equal(await cell(1, 2).locator(".null").count(), 0);
    assert.equal((await cell(1, 2).textContent()).trim(), "NULL");
    await output("Messages").click();
    await page.getByText("500 rows affected").waitFor();
  });

  it("keeps what a session is told, and says that a transaction is open or has failed", async () => {
    await runAll("SET search_path = public; BEGIN; UPDATE customers SET note = 'x'");
    await page.getByText("In transaction").waitFor();
    await runAll("SELECT nobody FROM customers");
    await page.getByText("Transaction failed").waitFor();
    await runAll("ROLLBACK; SELECT count(*) FROM customers WHERE note = 'x'");
    await page.getByText("Transaction failed").waitFor({ state: "detached" });
    await cell(0, 0).getByText("0", { exact: true }).waitFor();
  });

  it("marks where a statement failed, after letters of any kind", async () => {
    await runAll("SELECT '🐎 中文' AS horse, missing_column FROM customers");
    await page.getByRole("alert").getByText('column "missing_column" does not exist').waitFor();
    await page.locator(".cm-lintRange-error").getByText("missing_column", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Show in the editor" }).click();
    await page.keyboard.insertText("/*here*/");
    await page.locator(".cm-content").getByText("/*here*/missing_column").waitFor();
  });

  it("runs only the statement that the cursor is in", async () => {
    await write("SELECT 'first';\n\nSELECT 'second' AS word;\n\nSELECT 'third';");
    await page.locator(".cm-line").nth(2).click();
    await page.keyboard.press("ControlOrMeta+Enter");
    await cell(0, 0).getByText("second").waitFor();
    assert.equal(await output(/^Result/).count(), 1);
  });

  it("stops what runs when it is cancelled, and goes on", async () => {
    await runAll("SELECT pg_sleep(300)");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled. What was done before stays done.").waitFor();
    await runAll("SELECT 'still here'");
    await cell(0, 0).getByText("still here").waitFor();
  });

  it("shows a million rows from the first to the last, sorted and filtered by the server", async () => {
    await runAll(`SELECT i AS n, md5(i::text) AS hash FROM generate_series(1, ${row_count}) i`);
    await page.getByText("1,000,000 rows").waitFor();
    const grid = page.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(row_count + 1));
    await cell(0, 0).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Home");
    await cell(row_count - 1, 0).getByText("1000000", { exact: true }).waitFor();
    const drawn = await page.getByRole("gridcell").count();
    assert.ok(drawn < 500, `${drawn} cells are drawn`);
    await grid.hover();
    await page.mouse.wheel(0, -28_000);
    await cell(row_count - 1_005, 0).getByText(String(row_count - 1_004), { exact: true }).waitFor();
    const sort = page.getByRole("columnheader", { name: /^n/ }).getByRole("button");
    await sort.click();
    await cell(0, 0).getByText("1", { exact: true }).waitFor();
    await sort.click();
    await cell(0, 0).getByText("1000000", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Filter the rows" }).click();
    await page.getByRole("searchbox", { name: "n contains" }).fill("99999");
    await page.getByText(/^\d+ of 1,000,000 rows$/).waitFor();
    await cell(0, 0).getByText("999999", { exact: true }).waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("shows a value whole, and saves the rows as a file", async () => {
    await runAll("SELECT 1 AS id, '{\"a\": [1, 2]}'::jsonb AS data");
    await cell(0, 1).dblclick();
    await page.getByRole("complementary", { name: "Value" }).getByText('"a": [').waitFor();
    await page.getByRole("button", { name: "Export" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "All rows as CSV" }).click();
    const file = await (await saved).createReadStream();
    const chunks = await file.toArray();
    assert.match(Buffer.concat(chunks).toString(), /^id,data\r?\n1,"\{""a"": \[1, 2\]\}"\r?\n$/);
  });

  it("copies cells for a spreadsheet, and a row as JSON with every digit", async () => {
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await runAll("SELECT i * 9007199254740993 AS big, 'a' || i AS name FROM generate_series(1, 3) i");
    await cell(0, 0).click();
    await cell(1, 1).click({ modifiers: ["Shift"] });
    await page.keyboard.press("ControlOrMeta+c");
    await page.getByText("Copied 2 rows").waitFor();
    assert.equal(await copied(), "9007199254740993\ta1\n18014398509481986\ta2");
    await page.getByRole("button", { name: "Copy the row as JSON" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    assert.equal(await copied(), '{\n  "big": 18014398509481986,\n  "name": "a2"\n}');
  });

  it("draws a result as a chart", async () => {
    await runAll("SELECT name, sum(price) AS total FROM customers JOIN orders ON customer_id = customers.id GROUP BY name");
    await page.getByRole("button", { name: "Chart", exact: true }).click();
    await page.getByRole("img", { name: "Chart of total by name" }).locator("canvas").waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("draws the plan of a statement, measured when asked", async () => {
    await write("SELECT name, sum(price) FROM customers JOIN orders ON customer_id = customers.id GROUP BY name");
    await page.getByRole("button", { name: "How the database runs the statement" }).click();
    await page.getByRole("button", { name: /^Explain analyze/ }).click();
    const scan = page.getByRole("button", { name: /^Seq Scan, orders/ });
    await scan.focus();
    await page.keyboard.press("Enter");
    const details = page.getByRole("complementary", { name: "Details of Seq Scan" });
    await details.getByText("rows (actual)").waitFor();
    await details.getByText("500", { exact: true }).first().waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("lists what is in the database, and draws the tables and their keys", async () => {
    await page.getByRole("button", { name: "Columns of orders" }).waitFor();
    await page.getByRole("button", { name: "Draw the tables and their keys" }).click();
    const picture = page.getByRole("group", { name: "Tables of postgres and their keys" });
    await picture.getByRole("button", { name: "Table customers, 3 columns" }).waitFor();
    assert.equal(await picture.locator("title", { hasText: "orders (customer_id) → customers (id)" }).count(), 1);
    assert.deepEqual(await violations(), []);
  });

  it("completes the names of the database", async () => {
    await write("");
    await page.keyboard.type("SELECT * FROM custo");
    await page.locator(".cm-tooltip-autocomplete").getByText("customers").waitFor();
    // A completion is taken some time after it is shown, not by a key that was meant for the text.
    await page.waitForTimeout(150);
    await page.keyboard.press("Enter");
    await page.locator(".cm-content").getByText("FROM customers").waitFor();
  });

  it("keeps the texts and the transactions of its tabs apart, and the texts over a reload", async () => {
    await runAll("BEGIN; SELECT 'of the first'");
    await page.getByText("In transaction").waitFor();
    await page.getByRole("button", { name: "New query" }).click();
    await page.getByText("In transaction").waitFor({ state: "detached" });
    await runAll("SELECT 'of the second'");
    await cell(0, 0).getByText("of the second").waitFor();
    await page.getByRole("tab", { name: "Query 1" }).click();
    await page.getByText("In transaction").waitFor();
    await runAll("ROLLBACK; SELECT 'of the first'");
    await cell(0, 0).getByText("of the first").waitFor();
    await page.reload();
    await page.locator(".cm-content").getByText("'of the first'").waitFor();
    await page.getByRole("tab", { name: "Query 2" }).click();
    await page.locator(".cm-content").getByText("'of the second'").waitFor();
  });

  it("has a terminal of the same machine beside it", async () => {
    await page.getByRole("button", { name: "Show the terminal" }).click();
    await page.getByRole("region", { name: "Terminals" }).getByRole("tab").first().waitFor({ timeout: wait_ms });
  });

  it("asks no other host and breaks nothing", () => {
    assert.deepEqual(page.faults, []);
  });
});

describe("SQLite in a machine without a database server", () => {
  let context;
  let page;

  before(async () => {
    context = await newGuest(browser, { viewport: { width: 1360, height: 860 } });
    page = await newPage(context);
    await startMachine(page);
    await page.getByRole("link", { name: "SQL", exact: true }).click();
    await page.waitForURL(/\/sql$/);
  });
  after(() => context?.close());

  const { write, runAll, cell, output, violations } = benchOf(() => page);

  it("opens a file, which is made then", async () => {
    await page.getByRole("button", { name: /^Database: SQLite · \/root\/playground\.db/ }).click();
    await page.getByRole("button", { name: "SQLite file…" }).click();
    await page.getByRole("textbox").last().fill("/root/school.db");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("button", { name: /^Database: SQLite · \/root\/school\.db/ }).waitFor();
  });

  it("makes a table and reads what it was given, each value as it is", async () => {
    await runAll(
      "CREATE TABLE students (id INTEGER PRIMARY KEY, name TEXT NOT NULL, grade REAL);\n" +
        "INSERT INTO students VALUES (1, 'Ada', 1.5), (2, '曹雪芹', NULL), (9007199254740993, 'Grace', 2.0);\n" +
        "SELECT id, name, grade FROM students ORDER BY id;",
    );
    await cell(1, 1).getByText("曹雪芹").waitFor();
    assert.equal(await cell(1, 2).locator(".null").count(), 1);
    assert.equal((await cell(2, 0).textContent()).trim(), "9007199254740993");
    await page.getByRole("button", { name: "Columns of students" }).waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("keeps a transaction, and says where a statement failed", async () => {
    await runAll("BEGIN; DELETE FROM students");
    await page.getByText("In transaction").waitFor();
    await runAll("ROLLBACK; SELECT count(*) FROM students");
    await cell(0, 0).getByText("3", { exact: true }).waitFor();
    await runAll("SELECT nobody FROM students");
    await page.locator(".cm-lintRange-error").getByText("nobody", { exact: true }).waitFor();
  });

  it("draws how it would look for the rows", async () => {
    await write("SELECT name FROM students WHERE id = 2");
    await page.getByRole("button", { name: "How the database runs the statement" }).click();
    await page.getByRole("button", { name: /^Explain/ }).first().click();
    await page.getByRole("button", { name: /^Search, students/i }).waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("lists what was run, also on the next visit", async () => {
    await page.reload();
    await page.getByRole("button", { name: "History", exact: true }).click();
    const entry = page.getByRole("button", { name: /SELECT nobody FROM students/ });
    await entry.getByText("failed").waitFor();
    await entry.getByText("SQLite · /root/school.db").waitFor();
    await page.getByRole("searchbox", { name: "Search the history" }).fill("create table");
    await entry.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /CREATE TABLE students/ }).waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("has the file on the machine", async () => {
    await page.getByRole("button", { name: /^Database: SQLite · \/root\/school\.db/ }).waitFor();
    await runAll("SELECT count(*) FROM students");
    await cell(0, 0).getByText("3", { exact: true }).waitFor();
    await output("Messages").waitFor();
    assert.deepEqual(page.faults, []);
  });
});
