import { beforeEach, describe, expect, it } from "vitest";

import { Api } from "../../lib/api.js";
import { FileTree } from "./tree.svelte.js";

/** A machine's files, by path; directories hold null. */
type Files = Map<string, string | null>;

const answer = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

function list(files: Files, folder: string): Response {
  if (files.get(folder) !== null) return answer(404, { code: "not_found", message: folder, request_id: "r" });
  const prefix = folder === "/" ? "/" : `${folder}/`;
  const names = [...files.keys()].filter((path) => path.startsWith(prefix) && path !== "/" && !path.slice(prefix.length).includes("/"));
  const entries = names.map((path) => ({
    name: path.slice(prefix.length),
    kind: files.get(path) === null ? "directory" : "file",
    size_bytes: 0,
  }));
  return answer(200, { path: folder, entries, truncated: false });
}

function serve(files: Files, method: string, url: URL): Response {
  const path = url.searchParams.get("path") ?? "";
  const action = `${method} ${url.pathname.replace(/^.*\/files/, "")}`;
  if (action === "GET /list") return list(files, path);
  if (action === "GET /stat" && !files.has(path)) return answer(404, { code: "not_found", message: path, request_id: "r" });
  if (action === "PUT ") files.set(path, "");
  if (action === "POST /directory") files.set(path, null);
  if (action === "DELETE ") for (const key of [...files.keys()]) if (key === path || key.startsWith(`${path}/`)) files.delete(key);
  return answer(200, {});
}

describe("FileTree", () => {
  let files: Files;
  let tree: FileTree;
  const names = (): string[] => tree.rows.map((row) => `${" ".repeat(row.depth)}${row.name}`);

  beforeEach(async () => {
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

  it("closes a directory that another program removed", async () => {
    await tree.toggle("/root/src");
    files.delete("/root/src");
    await tree.refresh();
    expect(names()).toEqual(["a.txt"]);
    expect(tree.failure).toBeUndefined();
  });
});
