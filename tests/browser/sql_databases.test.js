// The journey of a database outside: an admin registers it, a learner reads it, the admin takes it back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { startMariadb } from "./mariadb.js";
import { confirm, inviteQuietly, menuOf, signInAdmin, violationsOf } from "./people_support.js";
import { launch, newGuest, newPage, server_url, startMachine } from "./support.js";

const password = "only-reading-71c3";
const reader = { display_name: "Mary Ward", name: "mary", password: "four winds over water" };

describe("a database outside", () => {
  let browser;
  let mariadb;
  let admin_page;
  let learner_page;

  before(async () => {
    [browser, mariadb] = await Promise.all([launch(), startMariadb()]);
    await mariadb.ask(
      "CREATE DATABASE sky; CREATE TABLE sky.planets (name text); INSERT INTO sky.planets VALUES ('Saturn');" +
        `CREATE USER reader IDENTIFIED BY '${password}'; GRANT SELECT ON sky.* TO reader;` +
        `CREATE USER writer IDENTIFIED BY '${password}'; GRANT SELECT, INSERT ON sky.* TO writer`,
    );
    const admin_context = await newGuest(browser);
    await signInAdmin(admin_context);
    const learner_context = await newGuest(browser);
    await inviteQuietly(admin_context, learner_context, "learner", reader);
    admin_page = await newPage(admin_context);
    learner_page = await newPage(learner_context);
  });
  after(async () => {
    await browser?.close();
    await mariadb?.stop();
  });

  const dsnOf = (user, host) => `mariadb://${user}:${password}@${host}:${mariadb.port}/sky?sslmode=prefer`;
  const registering = () => admin_page.getByRole("dialog", { name: "Register a database" });
  async function register(name, dsn) {
    await registering().getByLabel("Name", { exact: true }).fill(name);
    await registering().getByLabel("Connection (DSN)").fill(dsn);
    await registering().getByRole("button", { name: "Register" }).click();
  }
  /** What the field of the DSN is told to be wrong. */
  async function problemOfDsn(text) {
    const field = registering().getByLabel("Connection (DSN)");
    await registering().getByText(text).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    const described = await field.getAttribute("aria-describedby");
    const words = await Promise.all(described.split(" ").map((id) => admin_page.locator(`[id="${id}"]`).textContent()));
    assert.match(words.join(" "), text);
  }

  it("is not registered at an address inside, or through a user who may write", async () => {
    await admin_page.goto(`${server_url}/admin/databases`);
    await admin_page.getByRole("button", { name: "Register a database" }).click();
    await register("stars", "mariadb://reader@/sky");
    await problemOfDsn(/needs one host/i);
    await register("stars", dsnOf("reader", "169.254.169.254"));
    await problemOfDsn(/not one that may be reached/i);
    await register("stars", dsnOf("writer", "127.0.0.1"));
    await problemOfDsn(/can do more than read: it has INSERT/i);
    assert.deepEqual(await violationsOf(admin_page), []);
  });

  it("is registered through a user who can only read, and nobody is shown the password", async () => {
    await register("stars", dsnOf("reader", "127.0.0.1"));
    await registering().waitFor({ state: "detached" });
    await admin_page.getByText(`mariadb://reader@127.0.0.1:${mariadb.port}/sky?sslmode=prefer`).waitFor();
    await admin_page.getByRole("button", { name: "Test", exact: true }).click();
    await admin_page.getByText(/^Works: MariaDB \S+ as reader$/).waitFor();
    assert.ok(!(await admin_page.content()).includes(password));
    assert.deepEqual(await violationsOf(admin_page), []);
  });

  const runAll = async (text) => {
    await learner_page.locator(".cm-content").click();
    await learner_page.keyboard.press("ControlOrMeta+a");
    await learner_page.keyboard.insertText(text);
    await learner_page.keyboard.press("ControlOrMeta+Shift+Enter");
  };

  it("is read by a learner from the workbench, who cannot write", async () => {
    await startMachine(learner_page);
    await learner_page.getByRole("link", { name: "SQL", exact: true }).click();
    await learner_page.getByRole("button", { name: /^Database: / }).click();
    await learner_page.getByRole("button", { name: "stars" }).click();
    await learner_page.getByRole("button", { name: /^Database: stars/ }).waitFor();
    await runAll("SELECT name FROM planets");
    await learner_page.getByRole("gridcell").getByText("Saturn").waitFor();
    await runAll("INSERT INTO planets VALUES ('Pluto')");
    await learner_page.getByRole("alert").getByText(/READ ONLY transaction|INSERT command denied/).waitFor();
    await runAll("SET SESSION TRANSACTION READ WRITE; INSERT INTO planets VALUES ('Pluto')");
    await learner_page.getByRole("alert").getByText(/INSERT command denied/).waitFor();
  });

  it("leaves room in a narrow window for who reads it", async () => {
    const size = learner_page.viewportSize();
    for (const width of [390, 320]) {
      await learner_page.setViewportSize({ width, height: size.height });
      const circle = await menuOf(learner_page, reader).locator("span").first().boundingBox();
      const before = await learner_page.getByRole("button", { name: "Delete machine" }).boundingBox();
      assert.ok(circle.x >= before.x + before.width, `it covers what is before it at ${width} px`);
      assert.ok(circle.x + circle.width < width, `it is cut at ${width} px`);
      const overflow = await learner_page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `the page is ${overflow} px too wide at ${width} px`);
    }
    await learner_page.setViewportSize(size);
  });

  it("is taken back, which ends the learner's session and says so, and no open page offers it any more", async () => {
    const other_page = await newPage(learner_page.context());
    await other_page.goto(learner_page.url());
    const list = other_page.getByRole("button", { name: /^Database: / });
    const offered = (page) => page.getByRole("button", { name: "stars", exact: true });
    await list.click();
    await offered(other_page).waitFor();
    await other_page.keyboard.press("Escape");
    await runAll("SELECT sleep(300)");
    await learner_page.getByRole("button", { name: "Cancel" }).waitFor();
    await admin_page.getByRole("button", { name: "Actions for stars" }).click();
    await admin_page.getByRole("button", { name: "Remove" }).click();
    await confirm(admin_page, "Remove stars?", "Remove");
    await learner_page.getByText("An administrator has removed this database.").waitFor();
    await learner_page.getByRole("button", { name: "Cancel" }).waitFor({ state: "detached" });
    assert.match(await learner_page.locator(".cm-content").textContent(), /sleep\(300\)/);
    for (const page of [learner_page, other_page]) {
      await page.getByRole("button", { name: /^Database: / }).click();
      await page.getByRole("button", { name: "SQLite in memory" }).waitFor();
      await offered(page).waitFor({ state: "detached" });
    }
    assert.deepEqual([...admin_page.faults, ...learner_page.faults, ...other_page.faults], []);
  });
});
