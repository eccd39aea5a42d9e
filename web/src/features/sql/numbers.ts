// Numbers as the workbench shows them: counts with separators, times with a unit that suits them.

import { settings } from "../../lib/settings.svelte.js";

/** 1234567 -> "1,234,567". */
export const formatCount = (count: number): string => count.toLocaleString(settings.language === "zh" ? "zh-CN" : "en-US");

/** Milliseconds -> "0.8 ms", "35 ms", "1.24 s", "2:05 min". */
export function formatElapsed(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

/** At most three digits that say something: 12345678 -> "12.3M". For the nodes of a plan. */
export function formatShort(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}
