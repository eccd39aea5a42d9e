import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Role, Session as SessionAnswer, User } from "../protocol/api.generated.js";

// What the settings need of a browser.
vi.hoisted(() => {
  const nothing = (): void => undefined;
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: nothing });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: nothing }));
  vi.stubGlobal("document", { documentElement: { lang: "", dataset: {} } });
});

const { Session } = await import("./session.svelte.js");
const { settings } = await import("./settings.svelte.js");
const { Transport } = await import("./transport.js");

const id = "mfrggzdfmztwq2lknnwg23tpoa";
const ann = { id, name: null, display_name: "Ann", email: null, has_password: true, created_at: null } as const;
const quota = { sandboxes_max: 1, memory_max_bytes: 1, lifetime_max_s: 1 };
const answerOf = (role: Role, extra: Partial<SessionAnswer> = {}, user: Partial<User> = {}): SessionAnswer => ({
  user: { ...ann, role, language: "", theme: "", ...user },
  expires_at: null,
  acting_admin: null,
  quota,
  ...extra,
});

describe("Session", () => {
  let sent: string[];
  let answers: Map<string, () => Response>;
  let transport: InstanceType<typeof Transport>;
  let session: InstanceType<typeof Session>;
  let lost: number;
  const json = (status: number, body: unknown) => (): Response => new Response(JSON.stringify(body), { status });
  const unauthenticated = json(401, { code: "unauthenticated", message: "", request_id: "r" });
  const ask = (): Promise<unknown> => transport.json({ method: "GET", path: "/api/v1/sandboxes" });

  beforeEach(() => {
    sent = [];
    answers = new Map([["GET /api/v1/sandboxes", json(200, {})]]);
    transport = new Transport(
      (input, init) => {
        const call = `${init?.method ?? ""} ${typeof input === "string" ? input : ""}`;
        sent.push(call);
        return Promise.resolve((answers.get(call) ?? json(500, {}))());
      },
      () => Promise.reject(new Error("no body is sent here")),
    );
    session = new Session(transport);
    lost = 0;
    session.whenLost(() => (lost += 1));
  });

  it("knows a guest from an account", async () => {
    answers.set("POST /api/v1/session", json(201, answerOf("guest")));
    await ask();
    expect([session.known, session.account]).toEqual(["guest", undefined]);
    transport.adopt(answerOf("teacher"));
    expect([session.known, session.account?.role, session.teaches, session.administrates]).toEqual([
      "account",
      "teacher",
      true,
      false,
    ]);
  });

  it("looks who is there without making a guest of nobody", async () => {
    answers.set("GET /api/v1/session", unauthenticated);
    expect(await session.look()).toEqual({ ok: true, value: "nobody" });
    expect(sent).toEqual(["GET /api/v1/session"]);
  });

  it("asks for a sign-in, and makes no guest, when the session of an account has ended", async () => {
    transport.adopt(answerOf("learner"));
    answers.set("GET /api/v1/sandboxes", unauthenticated);
    answers.set("GET /api/v1/session", unauthenticated);
    await ask();
    expect([lost, session.known]).toEqual([1, "nobody"]);
    expect(sent).not.toContain("POST /api/v1/session");
  });

  it("stays when one request is refused and the session goes on", async () => {
    transport.adopt(answerOf("learner"));
    answers.set("GET /api/v1/sandboxes", unauthenticated);
    answers.set("GET /api/v1/session", json(200, answerOf("learner")));
    await ask();
    expect([lost, session.known]).toEqual([0, "account"]);
  });

  it("asks for a sign-in where guests are off", async () => {
    answers.set("POST /api/v1/session", json(403, { code: "denied", message: "Please sign in.", request_id: "r" }));
    await ask();
    expect([lost, session.known]).toEqual([1, "nobody"]);
  });

  it("applies the language and theme of an account, and saves what is chosen then", async () => {
    transport.adopt(answerOf("learner", {}, { language: "zh", theme: "dark" }));
    expect([settings.language, settings.theme]).toEqual(["zh", "dark"]);
    expect(sent).toEqual([]);
    answers.set("PATCH /api/v1/account", json(200, answerOf("learner", {}, { language: "en", theme: "dark" }).user));
    settings.language = "en";
    await vi.waitFor(() => expect(session.account?.language).toBe("en"));
  });

  it("leaves the settings alone while an admin acts as somebody", () => {
    settings.adopt("en", "light");
    transport.adopt(answerOf("learner", { acting_admin: { id, name: "Ada" } }, { language: "zh", theme: "dark" }));
    settings.theme = "system";
    expect([settings.language, session.acting_admin?.name, sent]).toEqual(["en", "Ada", []]);
  });
});
