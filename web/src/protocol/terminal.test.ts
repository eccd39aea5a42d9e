import { describe, expect, it } from "vitest";

import { decode, payload_bytes_max } from "./terminal.js";

const bytes = (digits: string): Uint8Array => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

describe("decode", () => {
  it("refuses every message that is one byte short or, where its length is fixed, one too long", () => {
    const fixed = [
      `810100500018${"00".repeat(24)}`,
      `83${"00".repeat(8)}`,
      "840100500018",
      `85${"00".repeat(8)}0000000000`,
      `86${"00".repeat(8)}`,
    ];
    for (const digits of fixed) {
      expect(decode(bytes(digits)), digits).toBeDefined();
      expect(decode(bytes(digits.slice(0, -2))), digits).toBeUndefined();
      expect(decode(bytes(`${digits}00`)), digits).toBeUndefined();
    }
  });

  it("refuses an OUTPUT without bytes and one above the limit", () => {
    const head = `82${"00".repeat(8)}`;
    expect(decode(bytes(head))).toBeUndefined();
    expect(decode(bytes(`${head}${"41".repeat(payload_bytes_max)}`))).toBeDefined();
    expect(decode(bytes(`${head}${"41".repeat(payload_bytes_max + 1)}`))).toBeUndefined();
  });

  it("refuses unknown types, unknown flags and numbers that a double cannot hold", () => {
    expect(decode(bytes(""))).toBeUndefined();
    expect(decode(bytes("01"))).toBeUndefined();
    expect(decode(bytes("840200500018"))).toBeUndefined();
    expect(decode(bytes("830020000000000000"))).toBeUndefined();
    expect(decode(bytes("83001fffffffffffff"))).toEqual({ type: "taken", sequence: Number.MAX_SAFE_INTEGER });
  });

  it("never throws, whatever arrives", () => {
    let state = 1;
    const next = (): number => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16;
    for (let round = 0; round < 20_000; ++round) {
      const random = Uint8Array.from({ length: next() % 48 }, () => next() & 255);
      random[0] = 0x80 + (next() % 12);
      decode(random);
    }
  });
});
