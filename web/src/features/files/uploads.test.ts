import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "../../lib/api.js";
import type { Upload } from "./collect.js";
import { Uploads } from "./uploads.svelte.js";

const answer = (status: number, body: unknown = null, headers: Record<string, string> = {}): Response =>
  new Response(body === null ? null : JSON.stringify(body), { status, headers });
const refusal = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  answer(status, { code, message: "no", request_id: "r" }, headers);
const upload = (path: string, size = 10): Upload => ({ path, file: new File([new Uint8Array(size)], "x") });

describe("Uploads", () => {
  let asked: string[];
  let refusals: Response[];
  let listed: Record<string, { name: string; kind: string }[]>;
  let uploads: Uploads;

  function serve(method: string, url: URL): Response {
    const path = url.searchParams.get("path") ?? "";
    if (url.pathname.endsWith("/session")) return answer(201, {});
    if (url.pathname.endsWith("/status")) return answer(200, { upload_bytes_max: 1000 });
    if (url.pathname.endsWith("/list")) {
      const entries = listed[path];
      asked.push(`list ${path}`);
      return entries === undefined ? refusal(404, "not_found") : answer(200, { path, entries, truncated: false });
    }
    const action = url.pathname.endsWith("/directory") ? "folder" : method.toLowerCase();
    const refused = action === "put" ? refusals.shift() : undefined;
    asked.push(`${action} ${path}${refused === undefined ? "" : ` ${refused.status}`}`);
    return refused ?? answer(204);
  }

  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    refusals = [];
    listed = {};
    const ask = (path: string, method: string): Promise<Response> =>
      Promise.resolve(serve(method, new URL(path, "http://host")));
    const api = new Api(
      (input, init) => ask(typeof input === "string" ? input : "", init?.method ?? "GET"),
      (call) => ask(call.path, call.method),
    );
    uploads = new Uploads(api, "id");
  });
  afterEach(() => vi.useRealTimers());

  it("makes each folder once, the empty ones too", async () => {
    await uploads.run("/root", [upload("a/b/1"), upload("a/b/2"), { path: "a/empty", file: undefined }]);
    expect(asked).toEqual([
      "folder /root/a",
      "folder /root/a/b",
      "put /root/a/b/1",
      "put /root/a/b/2",
      "folder /root/a/empty",
    ]);
    expect(uploads.progress).toBeUndefined();
  });

  it("waits as long as a busy server asks, and goes on", async () => {
    refusals = [refusal(429, "exhausted", { "Retry-After": "3" })];
    const done = uploads.run("/root", [upload("1")]);
    await vi.advanceTimersByTimeAsync(2900);
    expect(asked).toEqual(["put /root/1 429"]);
    await vi.advanceTimersByTimeAsync(200);
    await done;
    expect(asked).toEqual(["put /root/1 429", "put /root/1"]);
    expect(uploads.failure).toBeUndefined();
  });

  it("gives up on a server that never has time", async () => {
    refusals = Array.from({ length: 30 }, () => refusal(429, "exhausted", { "Retry-After": "999999" }));
    const done = uploads.run("/root", [upload("1")]);
    await vi.advanceTimersByTimeAsync(20 * 15_000);
    await done;
    expect(uploads.failure?.code).toBe("exhausted");
  });

  it("keeps what failed and what was behind it, and goes on there", async () => {
    refusals = [refusal(507, "disk_full")];
    await uploads.run("/root", [upload("1"), upload("2")]);
    expect([uploads.failure?.code, uploads.progress?.done, uploads.progress?.total]).toEqual(["disk_full", 0, 2]);
    await uploads.retry();
    expect(asked).toEqual(["put /root/1 507", "put /root/1", "put /root/2"]);
    expect([uploads.failure, uploads.progress]).toEqual([undefined, undefined]);
  });

  it("sends nothing more after it is cancelled", async () => {
    refusals = [refusal(429, "exhausted", { "Retry-After": "5" })];
    const done = uploads.run("/root", [upload("1"), upload("2")]);
    await vi.advanceTimersByTimeAsync(1000);
    uploads.cancel();
    await done;
    expect(asked).toEqual(["put /root/1 429"]);
    expect(uploads.progress).toBeUndefined();
  });

  it("does not send what the server would not take", async () => {
    await uploads.run("/root", [upload("large", 1001)]);
    expect(asked).toEqual([]);
    expect(uploads.failure).toMatchObject({ code: "too_large", message: "/root/large" });
  });

  it("finds what would be replaced, asking no more folders than it must", async () => {
    listed = { "/root": [{ name: "a", kind: "directory" }], "/root/a": [{ name: "1", kind: "file" }] };
    const found = await uploads.existing("/root", [upload("a/1"), upload("a/2"), upload("new/deep/1"), upload("2")]);
    expect(found).toEqual(["a/1"]);
    expect(asked).toEqual(["list /root", "list /root/a"]);
  });
});
