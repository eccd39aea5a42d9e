// What the journeys of people share: who there is, how they sign in, and what must not be found.
//
// The first admin comes by the one-time link of the server's log, which `run` puts into
// PADDOCK_ADMIN_LINK. A file that finds the admin there already just signs in.

import assert from "node:assert/strict";

import { AxeBuilder } from "@axe-core/playwright";

import { server_url } from "./support.js";

export const admin = { display_name: "Ada Lovelace", name: "ada", password: "rings of brass turning" };
export const teacher = { display_name: "Grace Hopper", name: "grace", password: "a moth in the relay" };
export const learner = { display_name: "Ann Lee", name: "ann", password: "seven green bottles" };

/** A request as the pages of `context` would make it. */
export async function ask(context, method, path, data) {
  const headers = { Origin: new URL(server_url).origin };
  return context.request.fetch(`${server_url}${path}`, { method, headers, data });
}

async function answerOf(context, method, path, data) {
  const response = await ask(context, method, path, data);
  assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
  return response.status() === 204 ? undefined : response.json();
}

/** The browser of `person` is signed in, without its pages. */
export function signInQuietly(context, { name, password }) {
  return answerOf(context, "POST", "/api/v1/sign-in", { name, password });
}

/** Signs the admin in, who is made when there is none. */
export async function signInAdmin(context) {
  const { name, password } = admin;
  const response = await ask(context, "POST", "/api/v1/sign-in", { name, password });
  if (response.ok()) return;
  const link = process.env.PADDOCK_ADMIN_LINK ?? "";
  assert.notEqual(link, "", "PADDOCK_ADMIN_LINK is not set: start the tests by tests/browser/run");
  await answerOf(context, "POST", "/api/v1/links/use", { secret: new URL(link).hash.slice(1), ...admin });
}

/** Makes an account of `role`, whose browser `context` is then. */
export async function inviteQuietly(admin_context, context, role, person) {
  const invitation = { role, note: person.display_name, uses: 1, expires_in_days: 1 };
  const { secret } = await answerOf(admin_context, "POST", "/api/v1/invitations", invitation);
  await answerOf(context, "POST", "/api/v1/links/use", { secret, ...person });
}

export function makeClassQuietly(context, name) {
  return answerOf(context, "POST", "/api/v1/classes", { name });
}

/** Fills in who one wants to be. */
export async function fillAccount(page, { display_name, name, password }) {
  await page.getByLabel("Name that others see").fill(display_name);
  await page.getByLabel("Sign-in name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

export async function signIn(page, { name, password }) {
  await page.getByLabel("Sign-in name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export const menuOf = (page, { display_name }) =>
  page.getByRole("button", { name: `Your account: ${display_name}` });

export async function signOut(page, person) {
  await menuOf(page, person).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

/** Answers the question that is asked, by the button that says `action`. */
export async function confirm(page, title, action) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: title }).waitFor();
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** What is wrong with `page` for assistive technology, in whole. */
export async function violationsOf(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
}
