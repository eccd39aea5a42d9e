import { describe, expect, it } from "vitest";

import { fail, succeed } from "../../lib/result.js";
import { makeFailure, type Answer } from "../../lib/transport.js";
import { Externals } from "./externals.svelte.js";
import { targetTitle, type ExternalDatabase } from "./targets.js";

type Databases = Awaited<Answer<readonly ExternalDatabase[]>>;

/** A server that answers when a test lets it. */
class FakeServer {
  readonly answers: ((databases: Databases) => void)[] = [];
  databases(): Answer<readonly ExternalDatabase[]> {
    return new Promise((resolve) => this.answers.push(resolve));
  }
}

const listOf = (...names: string[]): Databases => succeed(names.map((name) => ({ name, engine: "mariadb" })));
const namesIn = (externals: Externals): readonly string[] => externals.targets.map(targetTitle);

describe("registered databases", () => {
  const server = new FakeServer();
  const externals = new Externals(server);
  async function refresh(databases: Databases): Promise<void> {
    const refreshed = externals.refresh();
    server.answers.pop()?.(databases);
    await refreshed;
  }

  it("are those of the last answer: one that was taken back is gone", async () => {
    expect(namesIn(externals)).toEqual([]);
    await refresh(listOf("stars", "moons"));
    expect(namesIn(externals)).toEqual(["stars", "moons"]);
    await refresh(listOf("moons"));
    expect(namesIn(externals)).toEqual(["moons"]);
  });

  it("stay while the server cannot be asked", async () => {
    await refresh(listOf("stars"));
    await refresh(fail(makeFailure("unreachable")));
    expect(namesIn(externals)).toEqual(["stars"]);
  });

  it("are not those of an answer that comes late", async () => {
    const first = externals.refresh();
    const second = externals.refresh();
    server.answers[1]?.(listOf("new"));
    server.answers[0]?.(listOf("old"));
    await Promise.all([first, second]);
    expect(namesIn(externals)).toEqual(["new"]);
  });
});
