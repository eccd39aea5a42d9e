import { describe, expect, it } from "vitest";

import { clipboardText, linkTarget } from "./clipboard.js";

describe("clipboardText", () => {
  it("reads UTF-8", () => {
    expect(clipboardText(`c;${Buffer.from("naïve 屋").toString("base64")}`)).toBe("naïve 屋");
  });

  it("refuses a question, rubbish, bytes that are no text, and what is too long", () => {
    for (const data of ["c;?", "c;", "c;%%%", "c;/w==", `c;${"QUFB".repeat(30_000)}`]) {
      expect(clipboardText(data), data.slice(0, 10)).toBeUndefined();
    }
  });
});

describe("linkTarget", () => {
  it("opens http and https", () => {
    expect(linkTarget("https://example.org/a b")).toBe("https://example.org/a%20b");
    expect(linkTarget("http://localhost:8080/")).toBe("http://localhost:8080/");
  });

  it("refuses everything else", () => {
    for (const uri of ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "x", ""]) {
      expect(linkTarget(uri), uri).toBeUndefined();
    }
  });
});
