import { describe, expect, it } from "vitest";

import { localPath, signInPath } from "./local_path.js";

describe("localPath", () => {
  it("keeps a path of this server with its query and its fragment", () => {
    for (const path of ["/", "/machines/abc", "/admin/audit?actor=x", "/join#K7MP-X2QD"]) {
      expect(localPath(path), path).toBe(path);
    }
  });

  it("leads home instead of to another host", () => {
    const others = ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "evil", ""];
    for (const path of [...others, "/\t/evil.example", "/\n/evil.example", "/a b", "/\u0000", null]) {
      expect(localPath(path), String(path)).toBe("/");
    }
  });
});

describe("signInPath", () => {
  it("leads back to where one was", () => {
    const path = "/join?x=1&y=2#K7MP";
    expect(new URL(signInPath(path), "http://h").searchParams.get("return_to")).toBe(path);
    expect(signInPath("/")).toBe("/sign-in");
  });
});
