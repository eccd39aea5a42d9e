// The journeys of questions: a guest solves one, a class learns, and a teacher sees how and writes another.
//
// Each step builds on those before it. The questions are those that are shipped.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  ask,
  confirm,
  inviteQuietly,
  makeClassQuietly,
  signInAdmin,
  signInQuietly,
  violationsOf,
} from "./people_support.js";
import { launch, newGuest, newPage, server_url, wait_ms } from "./support.js";

const teacher = { display_name: "Edgar Codd", name: "edgar", password: "twelve rules and zero" };
const learner = { display_name: "Donald Chamberlin", name: "donald", password: "structured english query" };
const affordable = {
  path: "/questions/101",
  right: "SELECT name, price FROM products WHERE price <= 13 ORDER BY price, name",
  other_order: "SELECT name, price FROM products WHERE price <= 13 ORDER BY name DESC",
};
const task = {
  path: "/questions/115",
  right:
    "UPDATE products SET price = ROUND(price * 1.1, 2) WHERE discontinued = 0 AND category_id IN" +
    " (SELECT id FROM categories WHERE name = 'Tea' UNION" +
    " SELECT id FROM categories WHERE parent_id = (SELECT id FROM categories WHERE name = 'Tea'))",
  too_much: "UPDATE products SET price = ROUND(price * 1.1, 2)",
};
const class_name = "Relations";

const open = (page, path) => page.goto(`${server_url}${path}`);
const editorOf = (page) => page.getByRole("textbox", { name: "Your query" });

/** Puts `text` into an editor, without its help. */
async function write(page, editor, text) {
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
  await page.keyboard.press("Escape");
}

async function submit(page, query) {
  await write(page, editorOf(page), query);
  await page.getByRole("button", { name: "Submit" }).click();
}

/** Until all of it is in the window, whose scrolling may take its time. */
async function waitInSight(page, locator) {
  const until = Date.now() + wait_ms;
  for (;;) {
    const box = await locator.boundingBox();
    if (box !== null && box.y >= 0 && box.y + box.height <= page.viewportSize().height) return;
    if (Date.now() > until) assert.fail(`never in sight: ${JSON.stringify(box)}`);
    await page.waitForTimeout(50);
  }
}

const part = (page, name) => page.getByRole("tab", { name, exact: true }).click();

describe("questions", () => {
  let browser;
  /** A browser of their own for each, with one page. */
  const pages = {};
  let class_id;

  before(async () => {
    browser = await launch();
    const admin_context = await newGuest(browser);
    await signInAdmin(admin_context);
    for (const who of ["guest", "teacher", "learner"]) pages[who] = await newPage(await newGuest(browser));
    await inviteQuietly(admin_context, pages.teacher.context(), "teacher", teacher);
    await inviteQuietly(admin_context, pages.learner.context(), "learner", learner);
    const made = await makeClassQuietly(pages.teacher.context(), class_name);
    class_id = made.id;
    const joined = await ask(pages.learner.context(), "POST", "/api/v1/classes/join", { code: made.join_code });
    assert.ok(joined.ok(), await joined.text());
    await admin_context.close();
  });
  after(() => browser?.close());

  it("lead from the home page to the list, which is narrowed by the address", async () => {
    const page = pages.guest;
    await open(page, "/");
    await page.getByRole("link", { name: /^Practise SQL/ }).click();
    await page.getByRole("heading", { name: "Questions", exact: true }).waitFor();
    const rows = page.getByRole("list", { name: "Questions" }).getByRole("listitem");
    await rows.first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("afford");
    await page.waitForURL(/\?search=afford$/);
    await page.getByRole("link", { name: "What can I afford?" }).waitFor();
    await page.getByLabel("Difficulty").selectOption("hard");
    await page.getByText("No question fits these filters.").waitFor();
    await page.reload();
    await page.getByText("No question fits these filters.").waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await rows.first().waitFor();
    assert.equal(new URL(page.url()).search, "");
    await rows.first().getByRole("link").focus();
    await page.keyboard.press("ArrowDown");
    assert.equal(await rows.nth(1).getByRole("link").evaluate((link) => link === document.activeElement), true);
  });

  it("run a query without submitting it, and underline where it fails", async () => {
    const page = pages.guest;
    await open(page, affordable.path);
    await page.getByRole("heading", { name: /What can I afford/ }).waitFor();
    await page.getByRole("region", { name: "What is expected" }).waitFor();
    await write(page, editorOf(page), "SELECT nmae FROM products");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("The database refused the query.").waitFor();
    assert.equal(await page.locator(".cm-lintRange-error").textContent(), "nmae");
    await write(page, editorOf(page), "SELECT name FROM products LIMIT 2");
    await page.keyboard.press("ControlOrMeta+Enter");
    const result = page.getByRole("region", { name: "Result", exact: true }).locator("tbody tr");
    await result.nth(1).waitFor();
    assert.equal(await result.count(), 2);
    await page.getByText("Run only: this is not submitted.").waitFor();
    await part(page, "Attempts");
    await page.getByText("You have not submitted an answer yet.").waitFor();
  });

  it("say of the right rows in another order that this is what is wrong", async () => {
    const page = pages.guest;
    await submit(page, affordable.other_order);
    await page.getByText("Not yet.").waitFor();
    await page.getByText("Right rows in another order").first().waitFor();
    assert.ok((await page.getByRole("region", { name: "Yours" }).locator("tr.moved").count()) > 0);
    await submit(page, "SELECT name, price FROM products WHERE price < 5 ORDER BY price, name");
    await page.getByRole("region", { name: "Expected" }).locator("tr.missing").first().waitFor();
  });

  it("give a hint at a time, and the solution only to who has given up", async () => {
    const page = pages.guest;
    await part(page, "Help");
    await page.getByRole("button", { name: "Show a hint" }).click();
    await page.getByText("Hint 1", { exact: true }).waitFor();
    assert.equal(await page.getByText("Hint 2", { exact: true }).count(), 0);
    await page.getByText("It is here once you have solved the question").waitFor();
    await open(page, "/questions/102");
    await part(page, "Help");
    await page.getByRole("button", { name: "Give up and see it" }).click();
    await confirm(page, "Give up this question?", "Give up and see it");
    await page.getByRole("button", { name: "Put it into the editor" }).first().click();
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("That is right.").waitFor();
    await page.getByText("You had solved").or(page.getByText(/^\+\d+ point/)).first().waitFor();
  });

  it("keep every attempt, and a press brings one back", async () => {
    const page = pages.guest;
    await open(page, affordable.path);
    await part(page, "Attempts");
    const attempts = page.getByRole("list", { name: "Attempts" }).getByRole("listitem");
    await attempts.nth(1).waitFor();
    assert.equal(await attempts.count(), 2);
    await attempts.last().getByRole("button", { name: /^Put the attempt of/ }).click();
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("Right rows in another order").first().waitFor();
    await part(page, "Help");
    await page.getByText("Hint 1", { exact: true }).waitFor();
  });

  it("are solved with points, and lead to the next one", async () => {
    const page = pages.guest;
    await submit(page, affordable.right);
    await page.getByText("That is right.").waitFor();
    await page.getByText(/^\+\d+ points$/).waitFor();
    await page.getByRole("link", { name: "Next question" }).first().click();
    await page.waitForURL(/\/questions\/102$/);
    await page.getByRole("link", { name: "All questions" }).click();
    const row = page.getByRole("listitem").filter({ hasText: "What can I afford?" });
    await row.getByText("Solved").waitFor();
    await page.getByLabel("State").selectOption("true");
    await page.getByRole("listitem").filter({ hasText: "What can I afford?" }).waitFor();
    await page.getByRole("region", { name: "Your progress" }).getByText("/").waitFor();
  });

  it("say of a task that changes data which table differs, and how", async () => {
    const page = pages.guest;
    await open(page, task.path);
    await page.getByRole("region", { name: "What should be there afterwards" }).waitFor();
    await write(page, editorOf(page), "UPDATE products SET price = 1 WHERE id = 1");
    await page.keyboard.press("ControlOrMeta+Enter");
    const state = page.getByRole("region", { name: "The data afterwards" });
    await state.getByRole("region", { name: "Table" }).locator("tbody tr").first().waitFor();
    await page.getByText("Run only: this is not submitted.").waitFor();
    await submit(page, task.too_much);
    await page.getByText("Not yet.").waitFor();
    await state.getByText("products", { exact: true }).waitFor();
    await state.getByText(/rows? that should be there (is|are) not/).waitFor();
    const expected = state.getByRole("region", { name: "products: Should be" });
    const actual = state.getByRole("region", { name: "products: Is" });
    assert.ok((await expected.locator("tr.different, tr.missing").count()) > 0);
    assert.ok((await actual.locator("tr.different td.differs").count()) > 0);
    assert.deepEqual(await violationsOf(page), []);
    await submit(page, task.right);
    await page.getByText("That is right.").waitFor();
    assert.equal(await state.count(), 0);
  });

  for (const reducedMotion of ["no-preference", "reduce"]) {
    it(`bring what came of an answer into sight on a phone, motion: ${reducedMotion}`, async () => {
      const options = { viewport: { width: 390, height: 664 }, hasTouch: true, isMobile: true, reducedMotion };
      const page = await newPage(await newGuest(browser, options));
      await open(page, affordable.path);
      const answer = async (query, keys) => {
        await write(page, editorOf(page), query);
        await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
        await page.keyboard.press(keys);
      };
      await answer("SELECT nmae FROM products", "ControlOrMeta+Enter");
      await waitInSight(page, page.getByRole("alert").filter({ hasText: "no such column: nmae" }));
      await answer(affordable.other_order, "ControlOrMeta+Shift+Enter");
      await waitInSight(page, page.getByRole("status").filter({ hasText: "Not yet." }));
      await answer(affordable.right, "ControlOrMeta+Shift+Enter");
      await waitInSight(page, page.getByRole("status").filter({ hasText: "That is right." }));
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Result");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Next question");
      assert.deepEqual(await violationsOf(page), []);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  it("show the tables with some of their rows and how they belong together", async () => {
    const page = pages.guest;
    await open(page, affordable.path);
    await part(page, "Tables");
    await page.getByRole("figure", { name: "How the tables belong together" }).getByRole("button", { name: /products/ }).waitFor();
    await page.getByRole("button", { name: "Show rows" }).first().click();
    await page.getByRole("region", { name: /^Some rows of/ }).locator("tbody tr").first().waitFor();
    await editorOf(page).click();
    await page.getByTitle("Put products into the query").click();
    await page.getByRole("textbox", { name: "Your query" }).getByText("products").first().waitFor();
  });

  it("list who has solved most, of everybody and of a class", async () => {
    const page = pages.learner;
    await open(page, affordable.path);
    await submit(page, affordable.other_order);
    await page.getByText("Not yet.").waitFor();
    await submit(page, affordable.right);
    await page.getByText("That is right.").waitFor();
    await open(page, "/leaderboard");
    const row = page.getByRole("row").filter({ hasText: learner.display_name });
    await row.getByText("You", { exact: true }).waitFor();
    await page.getByLabel("Who").selectOption(class_name);
    await row.waitFor();
    await page.getByLabel("When").selectOption("day");
    await row.waitFor();
  });

  it("tell the teacher where people fail, and who of the class has solved what", async () => {
    const page = pages.teacher;
    await open(page, affordable.path);
    await page.getByRole("link", { name: "Statistics" }).click();
    await page.getByRole("heading", { name: "Where it fails" }).waitFor();
    await page.getByRole("listitem").filter({ hasText: "Right rows in another order" }).first().waitFor();
    await page.getByText("ORDER BY name DESC").first().waitFor();
    await open(page, `/classes/${class_id}`);
    await page.getByRole("link", { name: "See the progress" }).click();
    const row = page.getByRole("row").filter({ hasText: learner.display_name });
    await row.getByRole("button", { name: /^101, solved/ }).click();
    await confirm(page, `Reset question 101 for ${learner.display_name}?`, "Reset the progress");
    await row.getByRole("button", { name: /^101, solved/ }).waitFor({ state: "detached" });
    const progress = await pages.learner.evaluate(async () => (await fetch("/api/v1/account/progress")).json());
    assert.equal(progress.solved, 0);
  });

  it("are written by a teacher, who sees at which line a document is wrong", async () => {
    const page = pages.teacher;
    await open(page, "/questions/new");
    await page.getByLabel("Which database").selectOption("shop");
    await page.getByLabel("Title").fill("Dear products");
    await page.getByLabel("A right answer in SQL").fill("SELECT name FROM products\nWHERE price > 20\nORDER BY name");
    await page.getByRole("button", { name: "Go on to the document" }).click();
    await page.getByText("Nothing is wrong with it.").waitFor();
    await page.getByRole("heading", { name: "Reference 1" }).waitFor();
    const editor = page.getByRole("textbox", { name: "Document", exact: true });
    await editor.click();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.insertText("colour: green\n");
    await page.getByText("1 problem").waitFor();
    await page.getByRole("button", { name: "Line 1", exact: true }).waitFor();
    await page.locator(".cm-lintRange-error").first().waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("The server did not accept that.").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await editor.click();
    await page.keyboard.press("ControlOrMeta+z");
    await page.getByText("Nothing is wrong with it.").waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page.waitForURL(/\/questions\/\d+\/edit$/);
    await page.getByRole("link", { name: "Open the question" }).click();
    await page.getByRole("heading", { name: /Dear products/ }).waitFor();
  });

  it("are changed by one at a time: whoever saves second is asked", async () => {
    const page = pages.teacher;
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    const editor = page.getByRole("textbox", { name: "Document", exact: true });
    await editor.waitFor();
    const other = await newPage(await newGuest(browser));
    await signInQuietly(other.context(), teacher);
    await other.goto(page.url());
    const other_editor = other.getByRole("textbox", { name: "Document", exact: true });
    await other_editor.click();
    await other.keyboard.press("ControlOrMeta+Home");
    await other.keyboard.insertText("# theirs\n");
    await other.getByRole("button", { name: "Save", exact: true }).click();
    await other.getByText("Saved", { exact: true }).waitFor();
    await editor.click();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.insertText("# mine\n");
    await page.keyboard.press("ControlOrMeta+s");
    await page.getByText("Somebody has saved another version").waitFor();
    await page.getByRole("button", { name: "Save mine" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await other.reload();
    await other_editor.getByText("# mine").waitFor();
    await other.context().close();
    // By its id: the words of its title are in the text of another question, too.
    const found = async () => {
      const answer = await ask(page.context(), "GET", "/api/v1/questions?search=dear-products");
      return (await answer.json()).questions.map(({ title }) => title);
    };
    assert.deepEqual(await found(), ["Dear products"]);
    await page.getByRole("button", { name: "Delete" }).click();
    await confirm(page, /^Delete question/, "Delete");
    await page.getByRole("heading", { name: "Questions", exact: true }).waitFor();
    assert.deepEqual(await found(), []);
    await page.keyboard.press("/");
    await page.keyboard.type("dear-products");
    await page.getByText("No question fits these filters.").waitFor();
  });

  it("asked no other host, kept to their policy and threw nothing", () => {
    for (const page of Object.values(pages)) assert.deepEqual(page.faults, []);
  });

  const variants = [
    { name: "light", options: { colorScheme: "light" } },
    { name: "dark", options: { colorScheme: "dark" } },
    { name: "Chinese", options: { locale: "zh-CN" } },
    { name: "on a phone", options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
  ];
  for (const { name, options } of variants) {
    it(`have no problem for assistive technology and no overflow, ${name}`, async () => {
      const context = await newGuest(browser, options);
      await signInQuietly(context, teacher);
      const page = await newPage(context);
      const shown = ["/questions", affordable.path, "/leaderboard", `${affordable.path}/statistics`, "/schemas"];
      for (const path of [...shown, "/questions/new", "/schemas/new", `/classes/${class_id}/progress`]) {
        await page.goto(`${server_url}${path}`);
        await page.locator("main h1").first().waitFor();
        await page.waitForLoadState("networkidle");
        assert.deepEqual(await violationsOf(page), [], path);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
      }
      assert.deepEqual(page.faults, []);
      await context.close();
    });
  }
});
