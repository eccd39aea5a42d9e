// What one browser tab was showing, kept in sessionStorage so that a reload comes back to it.
//
// Without storage (private mode) nothing is kept, and the page begins as it does for the first time.

function recall(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | readonly string[] | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}

export function recallText(key: string): string | undefined {
  const value = recall(key);
  return typeof value === "string" ? value : undefined;
}

export function recallTexts(key: string): readonly string[] {
  const value = recall(key);
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
