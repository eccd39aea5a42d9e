import { beforeEach, describe, expect, it } from "vitest";

import { Api } from "./api.js";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

describe("Api", () => {
  let requests: Sent[];
  let answers: (() => Response)[];
  let api: Api;

  beforeEach(() => {
    requests = [];
    answers = [];
    api = new Api((input, init) => {
      const path = typeof input === "string" ? input : "not a path";
      requests.push({ method: init?.method ?? "GET", path, body: init?.body });
      if (path === "/api/v1/session") return Promise.resolve(json(201, {}));
      const answer = answers.shift();
      return answer === undefined ? Promise.reject(new TypeError("no network")) : Promise.resolve(answer());
    });
  });

  it("opens a session before the first request, and only then", async () => {
    answers = [() => json(200, { sandboxes: [] }), () => json(200, { sandboxes: [] })];
    await Promise.all([api.sandboxes(), api.sandboxes()]);
    expect(requests.map(({ path }) => path)).toEqual(["/api/v1/session", "/api/v1/sandboxes", "/api/v1/sandboxes"]);
  });

  it("renews a session that ran out, once, and asks again", async () => {
    const denied = (): Response => json(401, { code: "unauthenticated", message: "no session", request_id: "r" });
    answers = [denied, () => json(200, { sandboxes: [] })];
    expect((await api.sandboxes()).ok).toBe(true);
    answers = [denied, denied];
    const second = await api.sandboxes();
    expect(second.ok ? "" : second.error.code).toBe("unauthenticated");
    expect(requests.filter(({ path }) => path === "/api/v1/session")).toHaveLength(3);
  });

  it("reports the server's error with its request id and how long to wait", async () => {
    answers = [
      () => json(429, { code: "exhausted", message: "3 in use", request_id: "abc" }, { "Retry-After": "7" }),
    ];
    const result = await api.createSandbox("base");
    expect(result).toEqual({
      ok: false,
      error: { code: "exhausted", message: "3 in use", request_id: "abc", retry_after_s: 7 },
    });
  });

  it("knows a proxy's page from the server's error", async () => {
    answers = [() => new Response("<h1>Bad gateway</h1>", { status: 502 })];
    const result = await api.status();
    expect(result.ok ? "" : `${result.error.code}: ${result.error.message}`).toBe("unavailable: HTTP 502");
  });

  it("says so when no server answers", async () => {
    const result = await api.status();
    expect(result.ok ? "" : result.error.code).toBe("unreachable");
  });

  it("tries again for a session after it could not get one", async () => {
    let up = false;
    const shaky = new Api(() => (up ? Promise.resolve(json(200, { images: [] })) : Promise.reject(new TypeError("x"))));
    expect((await shaky.images()).ok).toBe(false);
    up = true;
    expect((await shaky.images()).ok).toBe(true);
  });

  it("ends a request when its signal does, and says that nobody waits for it", async () => {
    const controller = new AbortController();
    const slow = new Api((input, init) => {
      if (input === "/api/v1/session") return Promise.resolve(json(201, {}));
      return new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    const ticket = slow.terminalSocket("id", controller.signal);
    setTimeout(() => controller.abort());
    const result = await ticket;
    expect(result.ok ? "" : result.error.code).toBe("cancelled");
  });

  it("gives every request an end, except transfers of files", async () => {
    const ends: boolean[] = [];
    const watching = new Api((_, init) => {
      ends.push(init?.signal instanceof AbortSignal);
      return Promise.resolve(json(200, {}));
    });
    await watching.stats("id");
    await watching.writeFile("id", "/a", new Blob([]));
    expect(ends).toEqual([true, true, false]);
  });

  it("escapes paths", async () => {
    answers = [() => new Response(null, { status: 204 })];
    await api.moveFile("id", "/a b&c", "/d?e");
    expect(requests.at(-1)?.path).toBe("/api/v1/sandboxes/id/files/move?path=%2Fa%20b%26c&to=%2Fd%3Fe");
  });
});
