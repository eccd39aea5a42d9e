// What the tests share: the program under test, and a browser that is just enough for the
// provider's pages.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createInterface } from "node:readline";
import { redirect_uri } from "./provider.js";

const probe_path = process.env.PADDOCK_OIDC_PROBE ?? "";
assert.notEqual(probe_path, "", "PADDOCK_OIDC_PROBE is not set: start the tests by tests/oidc/run");
accessSync(probe_path, constants.X_OK); // else the tests would wait for its answers

const redirects_max = 20;

/** The program that does what the server does: one command a line, one answer a line. */
export class Probe {
  #process;
  #lines;

  constructor(config) {
    this.#process = spawn(probe_path, [JSON.stringify(config)], { stdio: ["pipe", "pipe", "pipe"] });
    this.log = "";
    this.#process.stderr.on("data", (bytes) => (this.log += bytes));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async do(command) {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    assert.ok(!done, `the probe ended: ${this.log}`);
    return JSON.parse(value);
  }

  verify(token, offset_s = 0) {
    return this.do({ do: "verify", token, offset_s });
  }

  async close() {
    this.#process.stdin.end();
    const [status] = await once(this.#process, "exit");
    assert.equal(status, 0, this.log);
  }
}

/** Follows redirects, keeps cookies, and fills in the provider's forms as `login`. */
export class Browser {
  #cookies = new Map();

  /** The parameters with which the provider sends the browser back. */
  async signIn(start_url, login, { refuses = false } = {}) {
    let url = start_url;
    let form;
    for (let count = 0; count < redirects_max; ++count) {
      const response = await this.#ask(url, form);
      const location = response.headers.get("location");
      if (location?.startsWith(redirect_uri)) {
        return Object.fromEntries(new URL(location).searchParams);
      }
      form = undefined;
      if (location) {
        url = new URL(location, url).href;
        continue;
      }
      const page = await response.text();
      assert.equal(response.status, 200, page);
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      assert.ok(action, page);
      url = new URL(refuses ? `${action}/abort` : action, url).href;
      const prompt = /name="prompt" value="([a-z]+)"/.exec(page)?.[1];
      form = refuses ? undefined : new URLSearchParams({ prompt, login, password: "any" });
    }
    assert.fail(`no end of redirects, the last to ${url}`);
  }

  async #ask(url, form) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie },
      ...(form ? { method: "POST", body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const equals = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return response;
  }
}

/** A whole login of `login` through `probe`; its claims, or its refusal. */
export async function signIn(probe, login, options) {
  const started = await probe.do({ do: "start" });
  assert.ok(started.url, started.message);
  const callback = await new Browser().signIn(started.url, login, options);
  return probe.do({ do: "finish", cookie: started.cookie, ...callback });
}

/** The same token with other claims, or with another signature. */
export function tampered(token, part) {
  const parts = token.split(".");
  if (part === "payload") {
    const claims = JSON.parse(Buffer.from(parts[1], "base64url"));
    parts[1] = Buffer.from(JSON.stringify({ ...claims, sub: "root" })).toString("base64url");
  } else {
    const bytes = Buffer.from(parts[2], "base64url");
    bytes[bytes.length >> 1] ^= 1;
    parts[2] = bytes.toString("base64url");
  }
  return parts.join(".");
}
