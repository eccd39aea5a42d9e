import { describe, expect, it } from "vitest";

import { fail, succeed } from "../../lib/result.js";
import { makeFailure } from "../../lib/transport.js";
import type { Database } from "../../protocol/api.generated.js";
import { Databases } from "./databases.svelte.js";

const database = (name: string, dsn = "postgres://r@db/x"): Database => ({ name, engine: "postgres", dsn });

const api = (answers: Partial<ConstructorParameters<typeof Databases>[0]> = {}): ConstructorParameters<typeof Databases>[0] => ({
  databases: () => Promise.resolve(succeed([database("a"), database("c")])),
  testDatabase: () => Promise.resolve(succeed({ ok: true, version: "PostgreSQL 15", user: "r" })),
  removeDatabase: () => Promise.resolve(succeed(undefined)),
  ...answers,
});

describe("registered databases", () => {
  it("stay in the order of their names", async () => {
    const databases = new Databases(api());
    await databases.load();
    databases.put(database("b"));
    databases.put(database("a", "postgres://r@other/x"));
    expect(databases.list?.map(({ name, dsn }) => [name, dsn?.includes("other")])).toEqual([
      ["a", true],
      ["b", false],
      ["c", false],
    ]);
  });

  it("forget what trying them showed when they change", async () => {
    const databases = new Databases(api());
    await databases.load();
    const trying = databases.test("a");
    expect(databases.trial("a")).toBe("busy");
    await trying;
    expect(databases.trial("a")).toMatchObject({ ok: true });
    databases.put(database("a"));
    expect(databases.trial("a")).toBeUndefined();
  });

  it("are gone when somebody else removed them first, and stay when it failed", async () => {
    let code: "not_found" | "unavailable" = "unavailable";
    const databases = new Databases(api({ removeDatabase: () => Promise.resolve(fail(makeFailure(code))) }));
    await databases.load();
    await databases.remove("a");
    expect(databases.failure?.code).toBe("unavailable");
    expect(databases.list).toHaveLength(2);
    code = "not_found";
    await databases.remove("a");
    expect(databases.failure).toBeUndefined();
    expect(databases.list?.map(({ name }) => name)).toEqual(["c"]);
  });
});
