// Text of files: what of it is text, and how its lines end.

/** The text in `bytes`, or undefined when they are no UTF-8 or hold a NUL. */
export function decodeText(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * How the lines of `text` end. CRLF only when every line does: in any other file a CR belongs to its
 * line, so that a save changes no line that nobody touched.
 */
export function lineBreakOf(text: string): "\n" | "\r\n" {
  const rest = text.replaceAll("\r\n", "");
  return rest !== text && !/[\r\n]/.test(rest) ? "\r\n" : "\n";
}
