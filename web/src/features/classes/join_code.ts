// A class's code as it is shown and as it is linked to.

/** "K7MPX2QD" -> "K7MP-X2QD": two halves are easier to read out and to copy from a board. */
export function shownCode(code: string): string {
  const half = Math.ceil(code.length / 2);
  return code.length < 6 || code.includes("-") ? code : `${code.slice(0, half)}-${code.slice(half)}`;
}

export function joinLink(origin: string, code: string): string {
  return `${origin}/join#${encodeURIComponent(code)}`;
}
