import { describe, expect, it } from "vitest";

import { succeed } from "../../lib/result.js";
import type { DirectoryPage, DirectoryUser } from "../../protocol/api.generated.js";
import { queryOf, type UserQuery } from "./admin_api.js";
import { Users } from "./users.svelte.js";

const user = (id: string, extra: Partial<DirectoryUser> = {}): DirectoryUser => ({ id, ...extra }) as DirectoryUser;

describe("Users", () => {
  it("asks for the next page of the same search", async () => {
    const asked: [UserQuery, string][] = [];
    const users = new Users({
      users: (query, after) => {
        asked.push([query, after]);
        const page: DirectoryPage = after === "" ? { users: [user("a")], next: "a" } : { users: [user("b")], next: null };
        return Promise.resolve(succeed(page));
      },
    });
    await users.find("ann", "teacher");
    expect(users.more).toBe(true);
    await users.readMore();
    await users.readMore();
    expect(users.list?.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(asked).toEqual([
      [{ query: "ann", role: "teacher" }, ""],
      [{ query: "ann", role: "teacher" }, "a"],
    ]);
  });

  it("shows a user who has changed in their place, with what the answer left out", async () => {
    const page = { users: [user("a", { sandbox_count: 2 }), user("b")], next: null };
    const users = new Users({ users: () => Promise.resolve(succeed(page)) });
    await users.find("", "");
    users.put(user("a", { role: "teacher" }));
    expect(users.list?.[0]).toEqual(user("a", { role: "teacher", sandbox_count: 2 }));
    users.remove("b");
    expect(users.list).toHaveLength(1);
  });
});

describe("queryOf", () => {
  it("leaves out what says nothing and escapes the rest", () => {
    expect(queryOf({ query: "a&b", role: "", after: "x=" })).toBe("?query=a%26b&after=x%3D");
    expect(queryOf({ query: "" })).toBe("");
  });
});
