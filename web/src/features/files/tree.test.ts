import { beforeEach, describe, expect, it } from "vitest";

import { Api } from "../../lib/api.js";
import { FileTree } from "./tree.svelte.js";

/** A machine's files, by path; directories hold null. */
type Files = Map<string, string | null>;
/** Beside them: where links lead, and what answers with a failure instead. */
let links: Map<string, string>;
let refused: Map<string, Response>;
let strange: Map<string, { name: string; name_base64: string; kind: string; size_bytes: number }[]>;

const answer = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

function list(files: Files, folder: string): Response {
  if (files.get(folder) !== null) return missing(folder);
  const prefix = folder === "/" ? "/" : `${folder}/`;
  const names = [...files.keys()].filter((path) => path.startsWith(prefix) && path !== "/" && !path.slice(prefix.length).includes("/"));
  const entries = names.map((path) => ({
    name: path.slice(prefix.length),
    kind: links.has(path) ? "symlink" : files.get(path) === null ? "directory" : "file",
    size_bytes: 0,
    link_target: links.get(path),
  }));
  return answer(200, { path: folder, entries: [...entries, ...(strange.get(folder) ?? [])], truncated: folder === "/root/src" });
}

const missing = (path: string): Response => answer(404, { code: "not_found", message: path, request_id: "r" });

function stat(files: Files, path: string): Response {
  if (!files.has(path)) return missing(path);
  const target = files.get(links.get(path) ?? path);
  return answer(200, { name: "", kind: target === null ? "directory" : "file", size_bytes: 0 });
}

function change(files: Files, action: string, path: string, to: string): void {
  const inside = [...files.keys()].filter((key) => key === path || key.startsWith(`${path}/`));
  if (action === "PUT ") files.set(path, "");
  if (action === "POST /directory") files.set(path, null);
  if (action === "POST /move") files.set(to, files.get(path) ?? "");
  if (action === "POST /move" || action === "DELETE ") for (const key of inside) files.delete(key);
}

function serve(files: Files, method: string, url: URL): Response {
  const path = url.searchParams.get("path") ?? "";
  const action = `${method} ${url.pathname.replace(/^.*\/files/, "")}`;
  const refusal = refused.get(action);
  if (refusal !== undefined) return refusal.clone();
  if (action === "GET /list") return list(files, links.get(path) ?? path);
  if (action === "GET /stat") return stat(files, path);
  change(files, action, path, url.searchParams.get("to") ?? "");
  return answer(200, {});
}

describe("FileTree", () => {
  let files: Files;
  let tree: FileTree;
  const names = (): string[] => tree.rows.map((row) => `${" ".repeat(row.depth)}${row.name}`);

  beforeEach(async () => {
    links = new Map();
    refused = new Map();
    strange = new Map();
    files = new Map<string, string | null>([
      ["/", null],
      ["/root", null],
      ["/root/a.txt", ""],
      ["/root/src", null],
      ["/root/src/main.py", ""],
    ]);
    const api = new Api((input, init) =>
      Promise.resolve(serve(files, init?.method ?? "GET", new URL(typeof input === "string" ? input : "", "http://host"))),
    );
    tree = new FileTree(api, "id");
    await tree.start();
  });

  it("shows directories first and opens them where they stand", async () => {
    expect(names()).toEqual(["src", "a.txt"]);
    await tree.toggle("/root/src");
    expect(names()).toEqual(["src", " main.py", "a.txt"]);
    await tree.toggle("/root/src");
    expect(names()).toEqual(["src", "a.txt"]);
  });

  it("shows the whole machine when there is no home", async () => {
    files.delete("/root");
    const api = new Api((input, init) =>
      Promise.resolve(serve(files, init?.method ?? "GET", new URL(typeof input === "string" ? input : "", "http://host"))),
    );
    const bare = new FileTree(api, "id");
    await bare.start();
    expect(bare.root).toBe("/");
  });

  it("makes new things in the selected directory, or beside the selected file", async () => {
    tree.select("/root/src");
    expect(tree.target).toBe("/root/src");
    await tree.toggle("/root/src");
    tree.select("/root/src/main.py");
    expect(tree.target).toBe("/root/src");
    await tree.makeFolder("/root/src/lib");
    expect(names()).toEqual(["src", " lib", " main.py", "a.txt"]);
    expect(tree.selected?.path).toBe("/root/src/lib");
  });

  it("never empties a file that exists already", async () => {
    expect(await tree.makeFile("/root/a.txt")).toBe(false);
    expect(tree.failure?.code).toBe("conflict");
    expect(await tree.makeFile("/root/new.txt")).toBe(true);
    expect(names()).toEqual(["src", "a.txt", "new.txt"]);
  });

  it("makes no file when it cannot know that there is none", async () => {
    refused.set("GET /stat", answer(503, { code: "unavailable", message: "no answer", request_id: "r" }));
    expect(await tree.makeFile("/root/a.txt")).toBe(false);
    expect([tree.failure?.code, files.get("/root/a.txt")]).toEqual(["unavailable", ""]);
  });

  it("does again what failed, and then says no more of it", async () => {
    const refusal = answer(503, { code: "unavailable", message: "no answer", request_id: "r" });
    refused.set("POST /directory", refusal);
    expect(await tree.makeFolder("/root/lib")).toBe(false);
    refused.clear();
    await tree.retry();
    expect(names()).toEqual(["src", "lib", "a.txt"]);
    expect(tree.failure).toBeUndefined();
    refused.set("GET /list", refusal);
    await tree.toggle("/root/src");
    expect(tree.failure?.code).toBe("unavailable");
    refused.clear();
    await tree.toggle("/root/src");
    expect(tree.failure).toBeUndefined();
  });

  it("keeps names apart that are no UTF-8, and shows them all", async () => {
    const entry = (name_base64: string): object => ({ name: "\ufffd", name_base64, kind: "file", size_bytes: 0 });
    strange.set("/root", [entry("_w"), entry("_g")] as never);
    await tree.refresh();
    expect(names()).toEqual(["src", "a.txt", "\ufffd", "\ufffd"]);
    expect(new Set(tree.rows.map((row) => row.path)).size).toBe(4);
  });

  it("leaves out what is still being written", async () => {
    files.set("/root/.paddock-13-0", "");
    await tree.refresh();
    expect(names()).toEqual(["src", "a.txt"]);
  });

  it("keeps what it shows when the machine does not answer while it only follows", async () => {
    files.delete("/root");
    await tree.follow();
    expect([names(), tree.failure]).toEqual([["src", "a.txt"], undefined]);
    await tree.refresh();
    expect(tree.failure?.code).toBe("not_found");
  });

  it("opens a link to a directory like one, and to a file not", async () => {
    for (const [path, target] of [["/root/there", "/root/src"], ["/root/it", "/root/a.txt"]] as const) {
      links.set(path, target);
      files.set(path, files.get(target) ?? null);
    }
    await tree.refresh();
    const row = (path: string): (typeof tree.rows)[number] => tree.rows.find((each) => each.path === path) ?? expect.fail(path);
    expect(await tree.resolve(row("/root/it"))).toBe(false);
    expect(await tree.resolve(row("/root/there"))).toBe(true);
    expect(row("/root/there").folder).toBe(true);
  });

  it("shows both ends of a move across directories", async () => {
    await tree.toggle("/root/src");
    await tree.move("/root/src/main.py", "/root/main.py");
    expect(names()).toEqual(["src", "a.txt", "main.py"]);
  });

  it("says that a folder is cut short only while that one is shown", async () => {
    expect(tree.truncated).toBe(false);
    await tree.toggle("/root/src");
    await tree.refresh();
    expect(tree.truncated).toBe(true);
    await tree.toggle("/root/src");
    expect(tree.truncated).toBe(false);
  });

  it("selects the neighbour of what was removed", async () => {
    files.set("/root/z.txt", "");
    await tree.refresh();
    await tree.remove("/root/a.txt");
    expect(tree.selected?.path).toBe("/root/z.txt");
    await tree.remove("/root/z.txt");
    expect(tree.selected?.path).toBe("/root/src");
  });

  it("closes a directory that another program removed", async () => {
    await tree.toggle("/root/src");
    files.delete("/root/src");
    await tree.refresh();
    expect(names()).toEqual(["a.txt"]);
    expect(tree.failure).toBeUndefined();
  });
});
