import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { Failure } from "./api.js";
import { advise } from "./failures.js";
import { messages } from "./messages.js";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const failure = (code: string): Failure =>
  ({ code, message: "", request_id: undefined, retry_after_s: undefined }) as Failure;

/** Every name that the server can put into {code}: the statuses' own and those of paddock::Code. */
function serverCodes(): Set<string> {
  const sources = [read("src/gateway/status.cc").split("ErrorName")[1] ?? "", read("src/base/result.cc")];
  const names = sources.flatMap((source) => [...source.matchAll(/return "([a-z_]+)"/g)].map(([, name]) => name ?? ""));
  return new Set(names.filter((name) => name !== "unknown"));
}

function documentedCodes(): Set<string> {
  const list = /description: A client takes a name[^[]*\[([^\]]*)\]/.exec(read("api/openapi.yaml"))?.[1] ?? "";
  return new Set(list.split(",").map((name) => name.trim()));
}

describe("advise", () => {
  it("has words for every code, and the API documents every code", () => {
    expect(serverCodes().size).toBeGreaterThan(10);
    expect([...serverCodes()].filter((code) => !documentedCodes().has(code))).toEqual([]);
    for (const code of documentedCodes()) {
      const { what, todo } = advise(failure(code));
      expect([messages[what].en, messages[todo].zh], code).not.toContain(undefined);
    }
  });

  it("takes a code that it does not know as the server's fault", () => {
    for (const code of ["teapot", "constructor", "__proto__"]) {
      expect(advise(failure(code)).what, code).toBe("error.internal");
    }
  });
});
