import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "../../lib/api.js";
import type { Terminal } from "../../protocol/api.generated.js";
import { busyWith, Terminals } from "./terminals.svelte.js";

const terminal = (id: string, fields: Partial<Terminal> = {}): Terminal =>
  ({ id, argv: ["/bin/bash"], title: "bash", exited: false, ...fields }) as Terminal;
const answer = (status: number, body: unknown): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), { status });
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("Terminals", () => {
  let there: Terminal[];
  let opened: unknown[];
  let refusal: Response | undefined;
  /** While set, an answer to a list waits here, with what the server knew when it was asked. */
  let held: (() => void)[] | undefined;
  let api: Api;
  let ends: (() => void)[];

  const serve = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const method = init.method ?? "GET";
    if (path.endsWith("/session")) return answer(201, {});
    if (refusal !== undefined && method !== "GET") return refusal.clone();
    if (method === "POST") {
      opened.push(JSON.parse(init.body as string));
      there = [...there, terminal(`t${String(opened.length)}`)];
      return answer(201, there.at(-1));
    }
    if (method === "DELETE") {
      there = there.filter(({ id }) => !path.endsWith(id));
      return answer(204, null);
    }
    const list = answer(200, { terminals: there });
    await new Promise<void>((resolve) => (held === undefined ? resolve() : held.push(resolve)));
    return list;
  };
  const begin = async (): Promise<Terminals> => {
    const terminals = new Terminals(api, "id", () => ({ columns: 132, rows: 43 }));
    ends.push(terminals.follow());
    await settle();
    return terminals;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    const storage = new Map<string, string>();
    vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    });
    there = [];
    opened = [];
    refusal = undefined;
    held = undefined;
    ends = [];
    api = new Api((input, init) => serve(typeof input === "string" ? input : "", init));
  });
  afterEach(() => {
    for (const end of ends) end();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("opens the first terminal in the size that the pane has", async () => {
    const terminals = await begin();
    expect(opened).toEqual([{ cols: 132, rows: 43 }]);
    expect(terminals.active).toBe("t1");
  });

  it("comes back to the tab that was shown before a reload", async () => {
    there = [terminal("a"), terminal("b"), terminal("c")];
    const before = await begin();
    expect(before.active).toBe("c");
    before.activate("b");
    expect((await begin()).active).toBe("b");
    there = [terminal("a"), terminal("c")];
    expect((await begin()).active).toBe("c");
  });

  it("does not believe a list that was asked for before it opened or closed a terminal", async () => {
    there = [terminal("a")];
    const terminals = await begin();
    held = [];
    await vi.advanceTimersByTimeAsync(3000);
    await terminals.open();
    for (const release of held) release();
    await settle();
    expect(terminals.list.map(({ id }) => id)).toEqual(["a", "t1"]);
    expect(terminals.active).toBe("t1");
    held = [];
    await vi.advanceTimersByTimeAsync(3000);
    await terminals.close("t1");
    for (const release of held) release();
    await settle();
    expect(terminals.list.map(({ id }) => id)).toEqual(["a"]);
  });

  it("does again what failed", async () => {
    there = [terminal("a")];
    const terminals = await begin();
    refusal = answer(429, { code: "exhausted", message: "too many", request_id: "r" });
    await terminals.open();
    expect(terminals.failure?.code).toBe("exhausted");
    refusal = undefined;
    await terminals.retry();
    expect(terminals.list).toHaveLength(2);
    expect(terminals.failure).toBeUndefined();
  });
});

describe("busyWith", () => {
  it("names the program that would end with the terminal", () => {
    expect(busyWith(terminal("a", { title: "vim" }))).toBe("vim");
    expect(busyWith(terminal("a", { argv: ["-bash"], title: "bash" }))).toBeUndefined();
    expect(busyWith(terminal("a", { title: "vim", exited: true }))).toBeUndefined();
    expect(busyWith(terminal("a", { title: "" }))).toBeUndefined();
  });
});
