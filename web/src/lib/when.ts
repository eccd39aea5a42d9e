// Times as people read them. Pure functions of the language.

import type { Language } from "./settings.svelte.js";

const locales: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };
const steps = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
const days_max = 30;

/** The whole date and time, in this computer's time zone. */
export function formatMoment(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function formatDate(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: "medium" }).format(new Date(iso));
}

/** How long before or after `now_ms`: "5 minutes ago", "in 3 days"; the date when that is far. */
export function formatDistance(iso: string, now_ms: number, language: Language): string {
  const distance_s = (Date.parse(iso) - now_ms) / 1000;
  const [unit, unit_s] = steps.find(([, seconds]) => Math.abs(distance_s) >= seconds) ?? ["minute", 60];
  const count = Math.trunc(distance_s / unit_s);
  if (unit === "day" && Math.abs(count) > days_max) return formatDate(iso, language);
  const words = new Intl.RelativeTimeFormat(locales[language], { numeric: "auto" });
  return count === 0 ? words.format(0, "second") : words.format(count, unit);
}

/** 93784 -> "1 d 2 h 3 min"; the two largest parts. */
export function formatSpan(seconds: number, language: Language): string {
  const names = language === "en" ? ["d", "h", "min", "s"] : ["天", "小时", "分", "秒"];
  const sizes = [86_400, 3600, 60, 1];
  let left = Math.max(0, Math.floor(seconds));
  const parts = sizes.map((size, at) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return { count, text: `${count} ${names[at] ?? ""}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return `0 ${names[3] ?? ""}`;
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(" ");
}
