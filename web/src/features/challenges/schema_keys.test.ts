import { describe, expect, it } from "vitest";

import { keysOf, sampleQuery } from "./schema_keys.js";

describe("keysOf", () => {
  it("says which columns are the key and what the others refer to", () => {
    const keys = keysOf({
      name: "orders",
      columns: [],
      keys: [
        { kind: "primary", columns: ["id"], to_table: null, to_columns: [] },
        { kind: "foreign", columns: ["customer_id"], to_table: "customers", to_columns: ["id"] },
      ],
    });
    expect([keys.primary, [...keys.references]]).toEqual([["id"], [["customer_id", "customers"]]]);
  });
});

describe("sampleQuery", () => {
  it("quotes the table's name as the engine wants it", () => {
    expect(sampleQuery("sqlite", 'a "b"')).toBe('SELECT * FROM "a ""b""" LIMIT 5');
    expect(sampleQuery("mariadb", "order`s")).toBe("SELECT * FROM `order``s` LIMIT 5");
  });
});
