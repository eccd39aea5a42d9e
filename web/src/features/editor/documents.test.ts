import { beforeEach, describe, expect, it } from "vitest";

import { Documents, type OpenDocument } from "./documents.svelte.js";

class FakeDocument implements OpenDocument {
  path: string;
  dirty = false;

  constructor(path: string) {
    this.path = path;
  }

  save(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

describe("Documents", () => {
  let documents: Documents<FakeDocument>;
  const paths = (): string[] => documents.list.map(({ path }) => path);

  beforeEach(() => {
    documents = new Documents((path) => new FakeDocument(path));
    for (const path of ["/a", "/b/c", "/b/d"]) documents.open(path);
  });

  it("opens a file once and shows it when it is opened again", () => {
    documents.open("/a");
    expect(paths()).toEqual(["/a", "/b/c", "/b/d"]);
    expect(documents.active?.path).toBe("/a");
  });

  it("shows the neighbour of a closed file", () => {
    documents.activate("/b/c");
    documents.close("/b/c");
    expect(documents.active?.path).toBe("/b/d");
    documents.close("/b/d");
    expect(documents.active?.path).toBe("/a");
    documents.close("/a");
    expect(documents.active).toBeUndefined();
  });

  it("follows a directory that is renamed", () => {
    documents.moved("/b", "/e");
    documents.moved("/a", "/z");
    expect(paths()).toEqual(["/z", "/e/c", "/e/d"]);
  });

  it("closes what was removed, but keeps unsaved text", () => {
    const unsaved = documents.find("/b/d");
    if (unsaved !== undefined) unsaved.dirty = true;
    documents.removed("/b");
    expect(paths()).toEqual(["/a", "/b/d"]);
    expect(documents.dirty).toBe(true);
  });
});
