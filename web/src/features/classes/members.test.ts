import { describe, expect, it } from "vitest";

import type { Member } from "../../protocol/api.generated.js";
import { joinLink, shownCode } from "./join_code.js";
import { matching } from "./members.js";

const member = (display_name: string, name: string | null = null): Member => ({ display_name, name }) as Member;
const members = [member("Ann Lee", "ann"), member("Björn Andersson"), member("张伟", "zhang")];
const found = (query: string): readonly string[] => matching(members, query).map(({ display_name }) => display_name);

describe("matching", () => {
  it("finds a name by its parts, whatever their order, case and accents", () => {
    expect(found("lee ANN")).toEqual(["Ann Lee"]);
    expect(found("bjorn")).toEqual(["Björn Andersson"]);
    expect(found("张")).toEqual(["张伟"]);
    expect(found("zha")).toEqual(["张伟"]);
    expect(found("  ")).toHaveLength(3);
    expect(found("nobody")).toEqual([]);
  });
});

describe("a class's code", () => {
  it("is shown in halves, once", () => {
    expect([shownCode("K7MPX2QD"), shownCode("K7MP-X2QD")]).toEqual(["K7MP-X2QD", "K7MP-X2QD"]);
  });

  it("stands in the fragment of its link", () => {
    expect(joinLink("https://h", "K7MP-X2QD")).toBe("https://h/join#K7MP-X2QD");
  });
});
