// Every page of people as assistive technology and a phone see it, in both themes and languages.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { inviteQuietly, makeClassQuietly, signInAdmin, signInQuietly, admin, violationsOf } from "./people_support.js";
import { launch, newGuest, newPage, server_url } from "./support.js";

const person = { display_name: "Katherine Johnson", name: "katherine", password: "orbits by hand first" };

/** Where, and what has to be there before anybody looks. Headings are the same in no two languages. */
const open_pages = ["/sign-in", "/sign-in?problem=denied", "/join", "/join#K7MP-X2QD", "/welcome#no-such-link"];
const account_pages = ["/account", "/classes", "/admin/users", "/admin/invitations", "/admin/quotas", "/admin/audit", "/admin/system"];

describe("the pages of people", () => {
  let browser;
  let class_path;

  before(async () => {
    browser = await launch();
    const admin_context = await newGuest(browser);
    await signInAdmin(admin_context);
    const made = await makeClassQuietly(admin_context, "Numbers");
    class_path = `/classes/${made.id}`;
    const context = await newGuest(browser);
    await inviteQuietly(admin_context, context, "teacher", person);
    await admin_context.close();
    await context.close();
  });
  after(() => browser?.close());

  const settled = async (page, path) => {
    await page.goto(`${server_url}${path}`);
    await page.locator("main h1").waitFor();
    await page.waitForLoadState("networkidle");
  };

  const variants = [
    { name: "light", options: { colorScheme: "light" } },
    { name: "dark", options: { colorScheme: "dark" } },
    { name: "Chinese", options: { locale: "zh-CN" } },
    { name: "on a phone", options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
  ];
  for (const { name, options } of variants) {
    it(`have no problem for assistive technology and no overflow, ${name}`, async () => {
      const guest = await newGuest(browser, options);
      const signed_in = await newGuest(browser, options);
      await signInQuietly(signed_in, admin);
      for (const [context, paths] of [
        [guest, open_pages],
        [signed_in, [...account_pages, class_path]],
      ]) {
        const page = await newPage(context);
        for (const path of paths) {
          await settled(page, path);
          assert.deepEqual(await violationsOf(page), [], path);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
        }
        assert.deepEqual(page.faults, []);
        await context.close();
      }
    });
  }

  it("let the keyboard do everything: the menu, a dialog, and back", async () => {
    const context = await newGuest(browser);
    await signInQuietly(context, admin);
    const page = await newPage(context);
    await settled(page, "/account");
    const menu = page.getByRole("button", { name: /^Your account/ });
    await menu.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Machines");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Classes");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Classes", exact: true }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "New token" }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What it is for").waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "New token");
    await context.close();
  });

  it("tell the browser's store of passwords which field is which", async () => {
    const context = await newGuest(browser);
    const page = await newPage(context);
    const fields = () =>
      page.locator("form input").evaluateAll((inputs) => inputs.map(({ autocomplete }) => autocomplete).filter((each) => each !== "off"));
    await settled(page, "/sign-in");
    assert.deepEqual(await fields(), ["username", "current-password"]);
    await settled(page, "/join");
    assert.deepEqual(await fields(), ["name", "username", "new-password"]);
    await signInQuietly(context, person);
    await settled(page, "/account");
    assert.deepEqual(await fields(), ["name", "email", "username", "current-password", "new-password"]);
    await context.close();
  });
});
