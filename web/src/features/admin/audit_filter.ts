// AuditFilter: which entries of the audit log are wanted, as the page's address says it.

export interface AuditFilter {
  readonly actor: string;
  readonly actor_name: string;
  readonly subject: string;
  readonly subject_name: string;
  readonly action: string;
  /** A day, as a date field gives it; its whole end counts. */
  readonly until: string;
}

export const no_filter: AuditFilter = {
  actor: "",
  actor_name: "",
  subject: "",
  subject_name: "",
  action: "",
  until: "",
};

/** The filter that an address asks for, as far as it is one. */
export function filterOf(search: string): AuditFilter {
  const query = new URLSearchParams(search);
  const entries = Object.keys(no_filter).map((name) => [name, query.get(name) ?? ""] as const);
  return { ...no_filter, ...Object.fromEntries(entries) };
}

/** The last moment of `day` in this computer's time zone, as the API takes it. */
export function endOfDay(day: string): string {
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? "" : end.toISOString().replace(/\.\d+Z$/, "Z");
}
