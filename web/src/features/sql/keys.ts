// The names of the keys that run a query, as this keyboard has them.

export interface RunKeys {
  readonly statement: string;
  readonly all: string;
}

export function runKeys(): RunKeys {
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return apple ? { statement: "⌘↵", all: "⌘⇧↵" } : { statement: "Ctrl+Enter", all: "Ctrl+Shift+Enter" };
}
