// Signing in through a real OpenID provider, whose pages are in between, in one browser and in another.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { menuOf } from "./people_support.js";
import { launch, newGuest, newPage, server_url, startMachine, waitForScreen } from "./support.js";

const provider_url = process.env.PADDOCK_PROVIDER ?? "";
const pupil = { display_name: "Pupil" };
/** What the provider's own pages want for their looks, and do not get. */
const font_url = "https://fonts.googleapis.com";

describe("signing in through a provider", { skip: provider_url === "" && "PADDOCK_PROVIDER is not set" }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const newBrowser = async () => {
    const context = await newGuest(browser);
    await context.route(`${font_url}/**`, (route) => route.abort());
    return { context, page: await newPage(context, [provider_url, font_url]) };
  };

  const openSignIn = async (page, return_to) => {
    await page.goto(`${server_url}/sign-in?return_to=${encodeURIComponent(return_to)}`);
    await page.getByRole("button", { name: "Continue with the school" }).click();
    await page.waitForURL((url) => url.origin === provider_url);
  };

  const signInThere = async (page) => {
    await page.getByPlaceholder("Enter any login").fill("pupil");
    await page.getByPlaceholder("and password").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL((url) => url.origin === new URL(server_url).origin);
  };

  it("says so when it is cancelled there, and signs nobody in", async () => {
    const { context, page } = await newBrowser();
    await openSignIn(page, "/account");
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByText("The sign-in was refused, cancelled, or took too long.").waitFor();
    assert.equal((await context.request.get(`${server_url}/api/v1/session`)).status(), 401);
    assert.deepEqual(page.faults, []);
    await context.close();
  });

  it("makes a learner of a guest, whose machine stays theirs, and comes back to where they were", async () => {
    const { context, page } = await newBrowser();
    await startMachine(page);
    const machine_path = new URL(page.url()).pathname;
    await openSignIn(page, machine_path);
    await signInThere(page);
    assert.equal(new URL(page.url()).pathname, machine_path);
    await menuOf(page, pupil).waitFor();
    await waitForScreen(page, /[#$] ?$/);
    await page.goto(`${server_url}/account`);
    await page.getByText("Learner. You sign in through your provider.").waitFor();
    assert.deepEqual(page.faults, []);
    await context.close();
  });

  it("knows them again in another browser", async () => {
    const { context, page } = await newBrowser();
    await openSignIn(page, "/");
    await signInThere(page);
    await menuOf(page, pupil).waitFor();
    await page.getByRole("link", { name: /^Shell/ }).waitFor();
    const answer = await context.request.get(`${server_url}/api/v1/session`);
    assert.equal((await answer.json()).user.role, "learner");
    await context.close();
  });
});
