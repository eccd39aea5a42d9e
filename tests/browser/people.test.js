// The journey of the people of one server: the first admin, a teacher with a class, and a learner.
//
// Each step builds on those before it, as it does in life. The server is new: nobody is there yet.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  admin,
  confirm,
  fillAccount,
  learner,
  menuOf,
  signIn,
  signInAdmin,
  signOut,
  teacher,
} from "./people_support.js";
import { launch, newGuest, newPage, server_url, startMachine, typeLine, waitForScreen } from "./support.js";

const class_name = "Operating systems";

describe("the people of a server", () => {
  let browser;
  /** A browser of their own for each, with one page. */
  const pages = {};
  let join_link;
  let machine_url;
  let token;

  before(async () => {
    browser = await launch();
    for (const who of ["admin", "teacher", "learner"]) pages[who] = await newPage(await newGuest(browser));
  });
  after(() => browser?.close());

  const open = (page, path) => page.goto(`${server_url}${path}`);
  const tokenRequest = (path) => fetch(`${server_url}${path}`, { headers: { Authorization: `Bearer ${token}` } });

  it("makes the first admin by the link of the log, once", async () => {
    const page = pages.admin;
    const link = process.env.PADDOCK_ADMIN_LINK ?? "";
    assert.notEqual(link, "", "PADDOCK_ADMIN_LINK is not set: start the tests by tests/browser/run");
    await page.goto(link);
    await page.getByRole("heading", { name: "Welcome to Paddock" }).waitFor();
    await fillAccount(page, { ...admin, password: "short" });
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByText("That is too short").waitFor();
    assert.equal(await page.getByLabel("Password", { exact: true }).getAttribute("aria-invalid"), "true");
    await fillAccount(page, admin);
    await page.getByRole("button", { name: "Create the account" }).click();
    await menuOf(page, admin).waitFor();
    const stranger = await newPage(await newGuest(browser));
    await stranger.goto(link);
    await stranger.getByRole("heading", { name: "This link is not valid any more" }).waitFor();
    await stranger.context().close();
  });

  it("invites a teacher, who has an account by the link", async () => {
    const page = pages.admin;
    await menuOf(page, admin).click();
    await page.getByRole("link", { name: "Administration" }).click();
    await page.getByRole("link", { name: "Invitations" }).click();
    await page.getByRole("button", { name: "New invitation" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("They become").selectOption("teacher");
    await dialog.getByLabel("For whom").fill("Grace");
    await dialog.getByRole("button", { name: "Create" }).click();
    const link = await dialog.getByLabel("Link").inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("listitem").filter({ hasText: "Grace" }).getByText("1 use left").waitFor();
    await pages.teacher.goto(link);
    await pages.teacher.getByText("you get an account as a teacher").waitFor();
    await fillAccount(pages.teacher, teacher);
    await pages.teacher.getByRole("button", { name: "Create the account" }).click();
    await menuOf(pages.teacher, teacher).waitFor();
  });

  it("lets the teacher make a class, whose code and link are shown", async () => {
    const page = pages.teacher;
    await open(page, "/classes");
    await page.getByText("You have no class yet.").waitFor();
    await page.getByRole("button", { name: "New class" }).click();
    await page.getByLabel("Name of the class").fill(class_name);
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: class_name }).waitFor();
    join_link = await page.getByLabel("Link to join").inputValue();
    assert.match(join_link, /\/join#[A-Z0-9-]{8,9}$/);
    assert.ok(join_link.startsWith(server_url.replace(/\/$/, "")), join_link);
    await page.getByText("Nobody is in this class yet.").waitFor();
  });

  it("keeps a guest's machine and what runs on it when they sign up by the class's code", async () => {
    const page = pages.learner;
    await startMachine(page);
    machine_url = page.url();
    await typeLine(page, "echo kept-$((40 + 2))");
    await waitForScreen(page, /^kept-42$/m);
    await page.goto(join_link);
    await page.getByText("The machines you have as a guest come with you.").waitFor();
    await fillAccount(page, learner);
    await page.getByRole("button", { name: "Create the account and join" }).click();
    await menuOf(page, learner).waitFor();
    await page.getByRole("link", { name: /^Shell/ }).click();
    assert.equal(page.url(), machine_url);
    await waitForScreen(page, /^kept-42$/m);
    await typeLine(page, "echo still-$((1 + 1))");
    await waitForScreen(page, /^still-2$/m);
  });

  it("signs out and in again, and comes back to where one was", async () => {
    const page = pages.learner;
    await signOut(page, learner);
    await open(page, "/account");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("return_to"), "/account");
    await signIn(page, { ...learner, password: "not this one at all" });
    await page.getByText("The name or the password is wrong.").waitFor();
    await signIn(page, { name: "nobody-here", password: "not this one at all" });
    await page.getByText("The name or the password is wrong.").waitFor();
    await signIn(page, learner);
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/account");
  });

  it("keeps the language and theme with the account, in every browser", async () => {
    const page = pages.learner;
    await page.getByLabel("Theme", { exact: true }).selectOption("dark");
    await page.locator(':root[data-theme="dark"]').waitFor();
    const other = await newPage(await newGuest(browser, { colorScheme: "light" }));
    await open(other, "/sign-in?return_to=/account");
    await signIn(other, learner);
    await other.locator(':root[data-theme="dark"]').waitFor();
    await other.getByRole("button", { name: "中文" }).click();
    await other.getByRole("heading", { name: "你的账号" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "你的账号" }).waitFor();
    await page.getByLabel("语言").selectOption("en");
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    await other.context().close();
  });

  it("shows where one is signed in, and ends a session from another browser", async () => {
    const other = await newPage(await newGuest(browser));
    await open(other, "/sign-in?return_to=/account");
    await signIn(other, learner);
    await other.getByRole("heading", { name: "Your account" }).waitFor();
    const page = pages.learner;
    await page.reload();
    const sessions = page.getByRole("list", { name: "Sessions" }).getByRole("listitem");
    await sessions.filter({ hasText: "This one" }).waitFor();
    await page.getByRole("button", { name: "End all others" }).click();
    await confirm(page, "End all your other sessions?", "End all others");
    await page.getByRole("button", { name: "End all others", disabled: true }).waitFor();
    assert.equal(await sessions.count(), 1);
    await other.reload();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
    await other.context().close();
  });

  it("makes a token that a program uses, and that is refused once it is revoked", async () => {
    const page = pages.learner;
    await page.getByRole("button", { name: "New token" }).click();
    const dialog = page.getByRole("dialog");
    assert.equal(await dialog.getByText("manage:server").count(), 0);
    await dialog.getByLabel("What it is for").fill("homework script");
    await dialog.getByRole("button", { name: "Create" }).click();
    token = await dialog.getByLabel("Token").inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    const answer = await tokenRequest("/api/v1/sandboxes");
    assert.equal(answer.status, 200);
    const { sandboxes } = await answer.json();
    assert.deepEqual(sandboxes.map(({ id }) => id), [machine_url.split("/").at(-1)]);
    assert.equal((await tokenRequest("/api/v1/account/tokens")).status, 403);
    await page.reload();
    assert.equal(await page.getByText(token).count(), 0);
    await page.getByRole("button", { name: "Revoke the token homework script" }).click();
    await confirm(page, "Revoke the token homework script?", "Revoke");
    await page.getByText("You have no token.").waitFor();
    assert.equal((await tokenRequest("/api/v1/sandboxes")).status, 401);
  });

  it("tells a learner in words that the administration is not for them", async () => {
    await open(pages.learner, "/admin/users");
    await pages.learner.getByRole("heading", { name: "This is for administrators" }).waitFor();
  });

  it("lists the members of a class, removes one, and lets them join again by the code", async () => {
    const page = pages.teacher;
    await page.reload();
    await page.getByText("1 machine ·").waitFor();
    await page.getByRole("button", { name: `Remove ${learner.display_name} from the class` }).click();
    await confirm(page, `Remove ${learner.display_name} from ${class_name}?`, "Remove");
    await page.getByText("Nobody is in this class yet.").waitFor();
    await open(pages.learner, "/classes");
    await pages.learner.getByText("You are in no class.").waitFor();
    await pages.learner.getByLabel("Class code").fill("AAAA-AAAA");
    await pages.learner.getByRole("button", { name: "Join", exact: true }).click();
    await pages.learner.getByText("No open class has this code.").waitFor();
    await pages.learner.getByLabel("Class code").fill(join_link.split("#")[1].toLowerCase());
    await pages.learner.getByRole("button", { name: "Join", exact: true }).click();
    await pages.learner.getByRole("heading", { name: class_name }).waitFor();
    await pages.learner.getByRole("button", { name: "Leave the class" }).waitFor();
  });

  it("gives a class limits in the units people use", async () => {
    const page = pages.teacher;
    const limits = page.getByRole("form", { name: "Limits" });
    await limits.getByLabel("Machines at once").fill("many");
    await limits.getByText("A whole number, or nothing.").waitFor();
    await limits.getByLabel("Machines at once").fill("2");
    await limits.getByLabel("Memory in all").fill("0.5");
    await limits.getByRole("button", { name: "Save" }).click();
    await limits.getByText("Saved").waitFor();
    await page.reload();
    assert.equal(await limits.getByLabel("Memory in all").inputValue(), "512");
    assert.equal(await limits.getByLabel("Unit of the memory").inputValue(), "MiB");
  });

  it("lets the admin act as somebody, says so on every page, and leads back", async () => {
    const page = pages.admin;
    await open(page, "/admin/users");
    await page.getByLabel("Search by name or e-mail").fill("ann");
    await page.getByRole("button", { name: `Actions for ${learner.display_name}` }).click();
    await page.getByRole("button", { name: `Act as ${learner.display_name}` }).click();
    await confirm(page, `Act as ${learner.display_name}?`, "Act as them");
    await page.getByText(`You act as ${learner.display_name}.`).waitFor();
    await page.getByRole("link", { name: /^Shell/ }).click();
    await waitForScreen(page, /^still-2$/m);
    await page.getByRole("button", { name: /^Back to / }).click();
    await page.getByRole("heading", { name: "Administration" }).waitFor();
    await page.getByRole("link", { name: "Audit log" }).click();
    // By the names to sign in with: those are nobody else's.
    await page.getByRole("listitem").filter({ hasText: /ada\s+began to act as/ }).first().waitFor();
  });

  it("ends the sessions of somebody who is disabled, while they look at their page", async () => {
    await open(pages.learner, "/account");
    await pages.learner.getByRole("heading", { name: "Your account" }).waitFor();
    const page = pages.admin;
    await open(page, "/admin/users");
    await page.getByRole("button", { name: `Actions for ${learner.display_name}` }).click();
    await page.getByRole("button", { name: "Disable" }).click();
    await confirm(page, `Disable ${learner.display_name}?`, "Disable");
    await page.getByText("Disabled", { exact: true }).waitFor();
    await pages.learner.getByRole("button", { name: "Save" }).click();
    await pages.learner.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(new URL(pages.learner.url()).searchParams.get("return_to"), "/account");
    await signIn(pages.learner, learner);
    await pages.learner.getByText("The name or the password is wrong.").waitFor();
    await page.getByRole("button", { name: `Actions for ${learner.display_name}` }).click();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("Disabled", { exact: true }).waitFor({ state: "detached" });
    await signIn(pages.learner, learner);
    await pages.learner.getByRole("heading", { name: "Your account" }).waitFor();
  });

  it("gives somebody a link for a new password", async () => {
    const page = pages.admin;
    await page.getByRole("button", { name: `Actions for ${learner.display_name}` }).click();
    await page.getByRole("button", { name: "Link for a new password" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByRole("dialog").getByLabel("Link").inputValue();
    await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
    const other = await newPage(await newGuest(browser));
    await other.goto(link);
    await other.getByText(`It is for the account ${learner.name}.`).waitFor();
    await other.getByLabel("New password").fill("ten other bottles");
    await other.getByRole("button", { name: "Set the password" }).click();
    await menuOf(other, learner).waitFor();
    await pages.learner.reload();
    await pages.learner.getByRole("heading", { name: "Sign in" }).waitFor();
    await other.context().close();
  });

  it("shows the admin what happened and how the server is", async () => {
    const page = pages.admin;
    await open(page, "/admin/audit");
    await page.getByLabel("What", { exact: true }).selectOption("class.made");
    await page.getByRole("listitem").filter({ hasText: /grace\s+made the class/ }).waitFor();
    await page.getByRole("button", { name: class_name }).click();
    await page.getByRole("button", { name: `Remove the filter: Done to ${class_name}` }).waitFor();
    await page.getByRole("link", { name: "System" }).click();
    await page.getByRole("meter", { name: "Memory" }).waitFor();
    await page.getByRole("heading", { name: "Node" }).waitFor();
  });

  it("invites into a class, and hands the class to another teacher", async () => {
    const page = pages.admin;
    await open(page, "/admin/invitations");
    await page.getByRole("button", { name: "New invitation" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Into the class").selectOption(class_name);
    await dialog.getByLabel("For whom").fill("Latecomers");
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("listitem").filter({ hasText: "Latecomers" }).getByText(class_name).waitFor();
    await open(pages.teacher, "/classes");
    await pages.teacher.getByRole("link", { name: class_name }).click();
    await pages.teacher.getByRole("heading", { name: class_name }).waitFor();
    await open(page, new URL(pages.teacher.url()).pathname);
    await page.getByRole("button", { name: "Hand over" }).click();
    await dialog.getByRole("button", { name: "Hand over" }).click();
    await dialog.getByText("Choose who teaches the class.").waitFor();
    await dialog.getByLabel("Search the teachers by name").fill("lovelace");
    await dialog.getByRole("radio", { name: admin.display_name }).check();
    await dialog.getByRole("button", { name: "Hand over" }).click();
    await page.getByText(`${admin.display_name} teaches this class now.`).waitFor();
    await pages.teacher.reload();
    await pages.teacher.getByRole("heading", { name: "There is no such class" }).waitFor();
  });

  it("says what is wrong with a field in the language of the page", async () => {
    const page = await newPage(await newGuest(browser, { locale: "zh-CN" }));
    await page.goto(join_link);
    await page.getByLabel("显示名称").fill("Zoe");
    await page.getByLabel("登录名").fill("with space");
    await page.getByLabel("密码", { exact: true }).fill("long enough for this");
    await page.getByRole("button", { name: "创建账号并加入" }).click();
    await page.getByText("不能含有空格或不可见字符").waitFor();
    await page.context().close();
  });

  it("asked no other host, kept to its policy and threw nothing", () => {
    for (const page of Object.values(pages)) assert.deepEqual(page.faults, []);
  });
});

describe("without a sign-in", () => {
  it("refuses to lead to another host after it", async () => {
    const browser = await launch();
    const context = await newGuest(browser);
    await signInAdmin(context);
    const page = await newPage(context);
    await page.goto(`${server_url}/sign-in?return_to=${encodeURIComponent("//evil.example/")}`);
    const link = page.getByRole("link", { name: "Go on" });
    assert.equal(await link.getAttribute("href"), "/");
    await browser.close();
  });
});
