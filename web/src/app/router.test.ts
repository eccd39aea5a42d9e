import { describe, expect, it } from "vitest";

import { parseRoute } from "./router.svelte.js";

describe("parseRoute", () => {
  it("knows the pages", () => {
    expect(parseRoute("/")).toEqual({ page: "home" });
    expect(parseRoute("/machines/mfrggzdfmztwq2lknnwg23tpoa")).toEqual({
      page: "workspace",
      sandbox_id: "mfrggzdfmztwq2lknnwg23tpoa",
    });
  });

  it("leads nowhere with anything that is no id", () => {
    for (const path of ["/machines/", "/machines/../../api", "/machines/MFRGGZDFMZTWQ2LKNNWG23TPOA", "/x"]) {
      expect(parseRoute(path), path).toEqual({ page: "nowhere" });
    }
  });
});
