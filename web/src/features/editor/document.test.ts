import { beforeEach, describe, expect, it, vi } from "vitest";

import { Api } from "../../lib/api.js";

vi.stubGlobal("navigator", { language: "en", platform: "", userAgent: "", vendor: "" });
vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: false }));
const { Document } = await import("./document.svelte.js");
vi.mock("./languages.js", () => ({ languageOf: () => Promise.reject(new Error("the chunk is gone")) }));

const encode = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

describe("Document", () => {
  let content: Uint8Array<ArrayBuffer> | undefined;
  let api: Api;

  beforeEach(() => {
    api = new Api(async (input, init) => {
      const path = typeof input === "string" ? input : "";
      if (path.endsWith("/session")) return Response.json({}, { status: 201 });
      if (init?.method === "PUT") {
        content = Uint8Array.from(new Uint8Array(await (init.body as Blob).arrayBuffer()));
        return new Response(null, { status: 204 });
      }
      if (content === undefined) return Response.json({ code: "not_found", message: "", request_id: "r" }, { status: 404 });
      if (path.includes("/stat?")) return Response.json({ name: "a", kind: "file", size_bytes: content.length });
      return new Response(content);
    });
  });

  it("saves every text as it was read, whatever its lines end with", async () => {
    for (const text of ["a\r\nb\nc\n", "a\rb\n", "a\r\nb\r\n", "\ufeffa\n"]) {
      content = encode(text);
      const document = new Document(api, "id", "/a.py");
      await document.load();
      content = undefined;
      expect(await document.save(), JSON.stringify(text)).toBe(true);
      expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(content)).toBe(text);
    }
  });

  it("shows plain text when the language's part of the page cannot be loaded", async () => {
    content = encode("print()\n");
    const document = new Document(api, "id", "/a.py");
    await document.load();
    await Promise.resolve();
    expect(document.state).toBe("ready");
    document.setWords();
    expect(document.state).toBe("ready");
  });

  it("asks before it writes over what a program has changed meanwhile", async () => {
    content = encode("one\n");
    const document = new Document(api, "id", "/a");
    await document.load();
    content = encode("two\n");
    expect([await document.save(), document.conflict]).toEqual([false, true]);
    expect(new TextDecoder().decode(content)).toBe("two\n");
    expect(await document.save(true)).toBe(true);
  });
});
