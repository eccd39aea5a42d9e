// OSC 52: what a program wants to do with the clipboard.
//
// Reading is refused, always. Writing is only ever proposed to the user, who decides with a click.

/** Longer texts are refused: 100,000 base64 characters are about 75 KB. */
const base64_chars_max = 100_000;

/** The text that `data` (the part behind "52;") asks to copy, or undefined when it is refused. */
export function clipboardText(data: string): string | undefined {
  const base64 = data.slice(data.indexOf(";") + 1);
  if (base64 === "" || base64 === "?" || base64.length > base64_chars_max) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The address behind an OSC 8 link if it may be opened: http and https only. */
export function linkTarget(uri: string): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.href : undefined;
}
