import { describe, expect, it } from "vitest";

import { quotedName, tableName } from "./names.js";

describe("names in a statement", () => {
  it("are quoted where they would be read otherwise", () => {
    expect(["orders", "Orders", "order", "größe", "a b", 'a"b', "1st"].map((name) => quotedName(name, "postgres"))).toEqual([
      "orders",
      '"Orders"',
      '"order"',
      '"größe"',
      '"a b"',
      '"a""b"',
      '"1st"',
    ]);
    expect(["Orders", "order", "a`b"].map((name) => quotedName(name, "mariadb"))).toEqual(["Orders", "`order`", "`a``b`"]);
    expect(["Orders", "group"].map((name) => quotedName(name, "sqlite"))).toEqual(["Orders", '"group"']);
  });

  it("have their schema where it is not the usual one", () => {
    expect(tableName({ schema: "public", name: "t" }, "postgres", "shop")).toBe("t");
    expect(tableName({ schema: "sales", name: "t" }, "postgres", "shop")).toBe("sales.t");
    expect(tableName({ schema: "shop", name: "t" }, "mariadb", "shop")).toBe("t");
    expect(tableName({ schema: "other", name: "t" }, "mariadb", "shop")).toBe("other.t");
    expect(tableName({ schema: "main", name: "t" }, "sqlite", "")).toBe("t");
  });
});
