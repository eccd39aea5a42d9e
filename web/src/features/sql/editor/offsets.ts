// Places in a text: the protocol counts bytes of UTF-8, the editor units of UTF-16.

function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  // A surrogate without its other half is sent as U+FFFD, which has three bytes as well.
  return code < 0x10000 ? 3 : 4;
}

/** Where byte `byte` of `text` is in units. Inside of a letter it is where that begins; at most the end. */
export function unitOffset(text: string, byte: number): number {
  let bytes = 0;
  let unit = 0;
  while (unit < text.length) {
    const code = text.codePointAt(unit) ?? 0;
    bytes += bytesOf(code);
    if (bytes > byte) return unit;
    unit += code > 0xffff ? 2 : 1;
  }
  return unit;
}

/** How many bytes of `text` are before unit `unit`. */
export function byteOffset(text: string, unit: number): number {
  let bytes = 0;
  let at = 0;
  while (at < Math.min(unit, text.length)) {
    const code = text.codePointAt(at) ?? 0;
    bytes += bytesOf(code);
    at += code > 0xffff ? 2 : 1;
  }
  return bytes;
}
