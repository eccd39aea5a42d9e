// Checks of what JSON.parse() made of bytes from outside. Each says whether a value is of its form.

export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === "string";
export const truth: Check = (value) => typeof value === "boolean";
export const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

export const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

/** Of a member that may be missing. */
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

export const oneOf =
  (...values: readonly (string | boolean)[]): Check =>
  (value) =>
    values.includes(value as string | boolean);

export const list =
  (check: Check, count_max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= count_max && value.every(check);

export const pair =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);

/** An object with these members; others are ignored, as a newer server may have them. */
export const fields = (members: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(members);
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    entries.every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));
};
