import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { decode, encode, type ClientMessage } from "./terminal.js";

// tests/golden/terminal.txt is read by the C++ tests too: both sides mean the same bytes.
const golden_file = new URL("../../../tests/golden/terminal.txt", import.meta.url);

interface Golden {
  name: string;
  from: string;
  hex: string;
  refused: boolean;
  fields: Record<string, unknown>;
}

function parseBlock(block: string): Golden | undefined {
  const golden: Golden = { name: "", from: "", hex: "", refused: false, fields: {} };
  for (const line of block.split("\n").filter((text) => !text.startsWith("#"))) {
    const [, name = "", value = ""] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (name !== "") golden.fields[name] = JSON.parse(value);
    else if (line.startsWith("message ")) golden.name = line.slice(8);
    else if (line.startsWith("from ")) golden.from = line.slice(5);
    else if (line.startsWith("hex ")) golden.hex += line.slice(4).replaceAll(" ", "");
    else if (line.startsWith("refused")) golden.refused = true;
  }
  return golden.name === "" ? undefined : golden;
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The fields as our values: `x_hex` is bytes, and `token_hex` a number of 64 bits. */
function ours(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (name === "token_hex") return ["token", BigInt(`0x${String(value)}`)] as const;
    if (name.endsWith("_hex")) return [name.slice(0, -4), bytesOf(String(value))] as const;
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

const blocks = readFileSync(golden_file, "utf8").split(/\n\n+/).map(parseBlock).filter((block) => block !== undefined);
const good = blocks.filter((block) => !block.refused);

describe("the golden bytes", () => {
  it("are there", () => {
    expect(good.length).toBeGreaterThan(15);
    expect(blocks.length - good.length).toBeGreaterThan(10);
  });

  it.each(good.filter(({ from }) => from === "viewer"))("of $name are what we send", ({ hex, fields }) => {
    expect(hexOf(encode(ours(fields) as unknown as ClientMessage))).toBe(hex);
  });

  it.each(good.filter(({ from }) => from === "terminal"))("of $name are understood", ({ hex, fields }) => {
    expect(decode(bytesOf(hex))).toEqual(ours(fields));
  });

  it.each(blocks.filter(({ refused, from }) => refused && from === "terminal"))("of $name are refused", ({ hex }) => {
    expect(decode(bytesOf(hex))).toBeUndefined();
  });
});
