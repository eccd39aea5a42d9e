import { describe, expect, it } from "vitest";

import { fromDrop, fromFileList, uploads_max } from "./collect.js";

const file = (name: string): File => new File([], name);

/** A dropped file or, with `inside`, a folder whose reader gives one entry at a time. */
function entry(path: string, inside?: object[]): object {
  return {
    fullPath: path,
    isFile: inside === undefined,
    file: (resolve: (file: File) => void) => resolve(file(path)),
    createReader: () => {
      const left = [...(inside ?? [])];
      return { readEntries: (resolve: (part: object[]) => void) => resolve(left.splice(0, 1)) };
    },
  };
}

const dropped = (...entries: object[]): DataTransfer =>
  ({ items: entries.map((each) => ({ webkitGetAsEntry: () => each })) }) as unknown as DataTransfer;

describe("fromDrop", () => {
  it("takes folders with all they hold, also when that is nothing", async () => {
    const { uploads, truncated } = await fromDrop(
      dropped(entry("/a", [entry("/a/1"), entry("/a/empty", [])]), entry("/2")),
    );
    expect(uploads.map(({ path, file: content }) => `${path} ${content === undefined ? "folder" : "file"}`)).toEqual([
      "a folder",
      "a/1 file",
      "a/empty folder",
      "2 file",
    ]);
    expect(truncated).toBe(false);
  });

  it("says when it leaves something out", async () => {
    const many = Array.from({ length: uploads_max + 5 }, (_, at) => entry(`/${String(at)}`));
    const { uploads, truncated } = await fromDrop(dropped(...many));
    expect([uploads.length, truncated]).toEqual([uploads_max, true]);
    expect(fromFileList([file("a")])).toMatchObject({ uploads: [{ path: "a" }], truncated: false });
  });

  it("rejects what the browser cannot read", async () => {
    const broken = { ...entry("/a"), file: (_: unknown, reject: (reason: Error) => void) => reject(new Error("gone")) };
    await expect(fromDrop(dropped(broken))).rejects.toThrow("gone");
  });
});
