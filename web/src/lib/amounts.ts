// Sizes and durations in the units that people type: MiB, GiB and hours.

export type SizeUnit = "MiB" | "GiB";

const unit_bytes: Readonly<Record<SizeUnit, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3 };
const hour_s = 3600;

const shortest = (value: number): string => String(Number(value.toFixed(3)));

/** `bytes` as an amount for a field and its unit. */
export function splitSize(bytes: number): { readonly amount: string; readonly unit: SizeUnit } {
  const unit = bytes >= unit_bytes.GiB && bytes % (unit_bytes.GiB / 4) === 0 ? "GiB" : "MiB";
  return { amount: shortest(bytes / unit_bytes[unit]), unit };
}

/** "1.5 GiB". */
export function sizeText(bytes: number): string {
  const { amount, unit } = splitSize(bytes);
  return `${amount} ${unit}`;
}

/** A positive number that was typed; undefined when it is none. */
export function parseAmount(text: string): number | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value > 0 ? value : undefined;
}

export function joinSize(amount: number, unit: SizeUnit): number {
  return Math.round(amount * unit_bytes[unit]);
}

export const hoursOf = (seconds: number): string => shortest(seconds / hour_s);
export const secondsOf = (hours: number): number => Math.round(hours * hour_s);
