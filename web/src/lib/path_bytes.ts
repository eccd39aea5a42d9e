// Paths as the page holds them: strings, also when their bytes are no UTF-8.
//
// Such a byte stands as one of the lone surrogates U+DC80 to U+DCFF (Python's "surrogateescape").
// So two different paths are never the same string, a path joins and splits like any other, and its
// exact bytes come back in a request. What is shown has U+FFFD in their place.

import type { FileInfo } from "../protocol/api.generated.js";

const escape_base = 0xdc00;
const escapes = /[\udc80-\udcff]/gu;

function characterLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = characterLength(first);
    try {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(escape_base + first);
      at += 1;
    }
  }
  return text;
}

/** The name of `entry` as a part of a path. */
export function pathName(entry: Pick<FileInfo, "name" | "name_base64">): string {
  return entry.name_base64 === undefined ? entry.name : fromBytes(fromBase64Url(entry.name_base64));
}

/** `path` for people to read. */
export function shownPath(path: string): string {
  return path.replace(escapes, "\ufffd");
}

function toBytes(path: string): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const char of path) {
    const point = char.codePointAt(0) ?? 0;
    if (point >= 0xdc80 && point <= 0xdcff) bytes.push(point - escape_base);
    else bytes.push(...encoder.encode(char));
  }
  return Uint8Array.from(bytes);
}

/** The query parameter that names `path` to the server: `name`, or `name`_base64 where it must be. */
export function pathQuery(path: string, name = "path"): string {
  const plain = shownPath(path) === path;
  return plain ? `${name}=${encodeURIComponent(path)}` : `${name}_base64=${toBase64Url(toBytes(path))}`;
}
