// fill(): values in a message.

export type Values = Readonly<Record<string, string | number>>;

/** `text` with `{name}` replaced by `values.name`, and `{name|one|many}` by what fits that number. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return Number(value) === 1 ? one : (many ?? one);
  });
}
