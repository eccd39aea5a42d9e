import { describe, expect, it } from "vitest";

import { deviceOf } from "./device.js";
import { scopesOf } from "./scopes.js";

describe("deviceOf", () => {
  it("knows browsers that call themselves by the names of others", () => {
    const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15";
    const edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
    const phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";
    expect(deviceOf(safari)).toEqual({ browser: "Safari", system: "macOS" });
    expect(deviceOf(edge)).toEqual({ browser: "Edge", system: "Windows" });
    expect(deviceOf(phone)).toEqual({ browser: "Chrome", system: "Android" });
  });

  it("does not guess at what it does not know", () => {
    for (const text of ["", "curl/8.0", "a program of mine"]) expect(deviceOf(text), text).toBeUndefined();
  });
});

describe("scopesOf", () => {
  it("offers nobody a scope for what their role may not do", () => {
    expect(scopesOf("learner")).not.toContain("manage:class");
    expect(scopesOf("teacher")).toContain("manage:class");
    expect(scopesOf("teacher")).not.toContain("manage:server");
    expect(scopesOf("admin")).toContain("manage:server");
  });
});
