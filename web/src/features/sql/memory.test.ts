import { beforeEach, describe, expect, it, vi } from "vitest";

import { recallMachine, rememberMachine, type MachineMemory } from "./memory.js";

const memory: MachineMemory = {
  queries: [
    { title: "Query 1", text: "select 1", target: { engine: "postgres" } },
    { title: "Query 2", text: "", target: { engine: "sqlite", database: "/root/a.db" } },
    { title: "Query 3", text: "", target: { engine: "mariadb", external: "school" } },
  ],
  active: 1,
  unsaved: [{ text: "select 1", engine: "sqlite", database: "main", at_ms: 5, elapsed_ms: 2, failed: false }],
};

describe("the memory of a machine", () => {
  let stored: Map<string, string>;

  beforeEach(() => {
    stored = new Map();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    });
  });

  it("is what it was", () => {
    rememberMachine("a", memory);
    expect(recallMachine("a")).toEqual(memory);
    expect(recallMachine("b")).toEqual({ queries: [], active: 0, unsaved: [] });
  });

  it("keeps the last machines only", () => {
    for (let at = 0; at < 12; ++at) rememberMachine(`machine${at}`, memory);
    rememberMachine("machine4", memory);
    expect(recallMachine("machine3").queries).toEqual([]);
    expect(recallMachine("machine4")).toEqual(memory);
    expect(stored.size).toBe(9);
  });

  it("takes nothing from a storage that holds something else", () => {
    for (const text of ["{", "[]", "7", '{"queries":[{"title":1}],"unsaved":[null,{"text":"a","engine":"oracle","database":"","at_ms":1,"elapsed_ms":1}],"active":"x"}']) {
      stored.set("paddock.sql.a", text);
      expect(recallMachine("a")).toEqual({ queries: [], active: 0, unsaved: [] });
    }
  });

  it("does without a storage", () => {
    vi.stubGlobal("localStorage", undefined);
    rememberMachine("a", memory);
    expect(recallMachine("a").queries).toEqual([]);
  });
});
