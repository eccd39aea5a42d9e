import { beforeEach, describe, expect, it } from "vitest";

import { makeFailure } from "../../../lib/api.js";
import { fail, succeed } from "../../../lib/result.js";
import type { Validation } from "../../../protocol/api.generated.js";
import { Draft } from "./draft.svelte.js";
import type { DocumentApi } from "./teaching_api.js";
import { questionTemplate } from "./template.js";

/** A server with one document. */
class FakeDocuments implements DocumentApi {
  version = 0;
  document = "";
  checks: ((validation: Validation) => void)[] = [];

  load: DocumentApi["load"] = () =>
    Promise.resolve(
      this.version === 0
        ? fail(makeFailure("not_found"))
        : succeed({ document: this.document, version: this.version, path: "/questions/7/edit" }),
    );

  validate: DocumentApi["validate"] = () =>
    new Promise((resolve) => this.checks.push((validation) => resolve(succeed(validation))));

  create: DocumentApi["create"] = (document) =>
    this.version > 0 ? Promise.resolve(fail(makeFailure("conflict"))) : this.#put(document);

  replace: DocumentApi["replace"] = (document, version) =>
    version === this.version ? this.#put(document) : Promise.resolve(fail(makeFailure("conflict")));

  remove: DocumentApi["remove"] = () => Promise.resolve(succeed(undefined));

  #put(document: string): ReturnType<DocumentApi["load"]> {
    this.document = document;
    this.version += 1;
    return this.load();
  }
}

describe("Draft", () => {
  let server: FakeDocuments;
  const problems = (message: string): Validation => ({ problems: [{ field: "id", line: 1, message }], preview: null });

  beforeEach(() => (server = new FakeDocuments()));

  it("is created once, and changed from then on", async () => {
    const draft = new Draft(server, "id: a");
    expect(draft.dirty).toBe(false);
    draft.text = "id: b";
    expect([draft.dirty, await draft.save(), draft.dirty]).toEqual([true, "created", false]);
    draft.text = "id: c";
    expect([await draft.save(), server.document, server.version]).toEqual(["changed", "id: c", 2]);
  });

  it("says that the id of a new document is taken", async () => {
    server.version = 1;
    const draft = new Draft(server, "id: a");
    expect([await draft.save(), draft.taken, draft.conflict]).toEqual([undefined, true, false]);
  });

  it("asks when somebody has saved meanwhile, and does what the user says", async () => {
    const draft = new Draft(server, "id: a");
    await draft.save();
    await server.replace("id: theirs", 1);
    draft.text = "id: mine";
    expect([await draft.save(), draft.conflict, server.document]).toEqual([undefined, true, "id: theirs"]);
    expect([await draft.overwrite(), draft.conflict, server.document]).toEqual(["changed", false, "id: mine"]);
    await server.replace("id: theirs again", 3);
    draft.text = "id: mine again";
    await draft.save();
    await draft.load();
    expect([draft.conflict, draft.text, draft.dirty]).toEqual([false, "id: theirs again", false]);
  });

  it("drops the late check of an older text", async () => {
    const draft = new Draft(server, "id: a");
    const old = draft.check();
    const young = draft.check();
    server.checks[1]?.(problems("young"));
    server.checks[0]?.(problems("old"));
    await Promise.all([old, young]);
    expect([draft.validation?.problems[0]?.message, draft.checking]).toEqual(["young", false]);
  });
});

describe("questionTemplate", () => {
  it("keeps what was typed whole, whatever is in it", () => {
    const text = questionTemplate({
      schema: "shop",
      title: 'Top 3: "best" #1',
      difficulty: "hard",
      reference: "SELECT 1\nFROM t -- x: y",
    });
    expect(text).toContain('id: shop-top-3-best-1\n');
    expect(text).toContain('en: "Top 3: \\"best\\" #1"');
    expect(text).toContain("references:\n  - |-\n    SELECT 1\n    FROM t -- x: y\n");
    expect(text).toContain("difficulty: hard\n");
  });

  it("makes an id also of a title without Latin letters", () => {
    const text = questionTemplate({ schema: "shop", title: "你好", difficulty: "easy", reference: "" });
    expect(text).toContain("id: shop-question\n");
  });
});
