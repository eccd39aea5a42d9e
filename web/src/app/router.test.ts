import { beforeEach, describe, expect, it } from "vitest";

import { parseRoute, Router, type RouterHost } from "./router.svelte.js";

const machine = "/machines/mfrggzdfmztwq2lknnwg23tpoa";

describe("parseRoute", () => {
  it("knows the pages", () => {
    expect(parseRoute("/")).toEqual({ page: "home" });
    const sandbox_id = "mfrggzdfmztwq2lknnwg23tpoa";
    expect(parseRoute(machine)).toEqual({ page: "workspace", sandbox_id, view: "desk" });
    expect(parseRoute(`${machine}/sql`)).toEqual({ page: "workspace", sandbox_id, view: "sql" });
  });

  it("knows the pages of people, with and without a slash at the end", () => {
    expect(parseRoute("/sign-in")).toEqual({ page: "sign_in" });
    expect(parseRoute("/account/")).toEqual({ page: "account" });
    expect(parseRoute("/classes/mfrggzdfmztwq2lknnwg23tpoa")).toEqual({
      page: "class",
      class_id: "mfrggzdfmztwq2lknnwg23tpoa",
    });
    expect(parseRoute("/admin/audit")).toEqual({ page: "admin", part: "audit" });
    expect(parseRoute("/admin")).toEqual({ page: "admin", part: "users" });
    expect(parseRoute("/admin/secrets")).toEqual({ page: "nowhere" });
  });

  it("knows the pages of questions", () => {
    expect(parseRoute("/questions/")).toEqual({ page: "questions" });
    expect(parseRoute("/questions/101")).toEqual({ page: "question", number: 101 });
    expect(parseRoute("/questions/101/statistics")).toEqual({ page: "statistics", number: 101 });
    expect(parseRoute("/questions/101/edit")).toEqual({ page: "question_edit", number: 101 });
    expect(parseRoute("/questions/new")).toEqual({ page: "question_edit", number: undefined });
    expect(parseRoute("/schemas/new")).toEqual({ page: "schema_edit", schema_id: undefined });
    expect(parseRoute("/schemas/shop-2/edit")).toEqual({ page: "schema_edit", schema_id: "shop-2" });
    expect(parseRoute("/classes/mfrggzdfmztwq2lknnwg23tpoa/progress")).toEqual({
      page: "class_progress",
      class_id: "mfrggzdfmztwq2lknnwg23tpoa",
    });
    for (const path of ["/questions/0", "/questions/x", "/questions/1.5", "/questions/1/x", "/schemas/Shop/edit"]) {
      expect(parseRoute(path), path).toEqual({ page: "nowhere" });
    }
  });

  it("leads nowhere with anything that is no id", () => {
    for (const path of ["/machines/", "/machines/../../api", "/machines/MFRGGZDFMZTWQ2LKNNWG23TPOA", "/x", "/classes/mfrggzdfmztwq2lknnwg23tpoa/sql"]) {
      expect(parseRoute(path), path).toEqual({ page: "nowhere" });
    }
  });
});

/** A window with a history of its own, whose steps arrive later, as a browser's do. */
class FakeWindow implements RouterHost {
  entries: { state: unknown; path: string }[] = [{ state: null, path: "/" }];
  at = 0;
  #listener: () => void = () => undefined;
  #steps: number[] = [];

  readonly location = { pathname: "/" };
  readonly history = {
    state: null as unknown,
    pushState: (state: unknown, _unused: string, path?: string | URL | null): void => {
      this.entries = [...this.entries.slice(0, this.at + 1), { state, path: String(path) }];
      this.#moveTo(this.at + 1);
    },
    replaceState: (state: unknown, _unused: string, path?: string | URL | null): void => {
      const entry = this.entries[this.at];
      if (entry !== undefined) {
        entry.state = state;
        if (path !== undefined && path !== null) entry.path = String(path);
      }
      this.#moveTo(this.at);
    },
    go: (by = 0): void => void this.#steps.push(by),
  };

  addEventListener(_type: "popstate", listener: () => void): void {
    this.#listener = listener;
  }

  scrollTo(): void {
    // Nothing to scroll here.
  }

  /** Makes the steps that are due, as the user or the page wanted them. */
  run(...by: number[]): void {
    this.#steps.push(...by);
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      this.#moveTo(this.at + step);
      this.#listener();
    }
  }

  #moveTo(at: number): void {
    this.at = at;
    this.location.pathname = this.entries[at]?.path ?? "/";
    this.history.state = this.entries[at]?.state;
  }
}

describe("Router", () => {
  let host: FakeWindow;
  let router: Router;
  let leave: (() => void) | undefined;

  beforeEach(() => {
    host = new FakeWindow();
    router = new Router(host);
    leave = undefined;
    router.go(machine);
  });
  const hold = (): (() => void) =>
    router.hold((go) => {
      leave = go;
      return false;
    });

  it("follows the browser back and forth", () => {
    expect([router.route.page, router.moved]).toEqual(["workspace", true]);
    host.run(-1);
    expect(router.route.page).toBe("home");
    host.run(1);
    expect(router.route.page).toBe("workspace");
  });

  it("puts one page in the place of another, to which Back does not lead", () => {
    router.go("/account");
    router.replace("/sign-in");
    expect([router.route.page, host.at]).toEqual(["sign_in", 2]);
    host.run(-1);
    expect(router.route.page).toBe("workspace");
  });

  it("stays where it is held, and goes when it may", () => {
    hold();
    router.go("/");
    expect([router.route.page, host.location.pathname]).toEqual(["workspace", machine]);
    leave?.();
    expect([router.route.page, host.location.pathname]).toEqual(["home", "/"]);
  });

  it("takes back a step of the browser, and makes it again when it may", () => {
    hold();
    host.run(-1);
    expect([router.route.page, host.location.pathname, host.at]).toEqual(["workspace", machine, 1]);
    leave?.();
    host.run();
    expect([router.route.page, host.location.pathname, host.at]).toEqual(["home", "/", 0]);
  });

  it("asks nobody between two views of the same machine", () => {
    hold();
    router.go(`${machine}/sql`);
    expect([router.route, leave]).toMatchObject([{ page: "workspace", view: "sql" }, undefined]);
    host.run(-1);
    expect([router.route, leave]).toMatchObject([{ page: "workspace", view: "desk" }, undefined]);
  });

  it("asks nobody when it is not held any more", () => {
    hold()();
    host.run(-1);
    expect(router.route.page).toBe("home");
    expect(leave).toBeUndefined();
  });
});
