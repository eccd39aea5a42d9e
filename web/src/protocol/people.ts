// The people of the API: users, sessions, tokens, classes, quotas and the audit log, as they travel.

import type { Grant, Named, Role, User } from "./api.generated.js";

export type AccountRole = Exclude<Role, "guest">;

export interface Quota {
  readonly sandboxes_max?: number | null;
  readonly memory_max_bytes?: number | null;
  readonly lifetime_max_s?: number | null;
}

export interface Class {
  readonly id: string;
  readonly name: string;
  readonly teacher: { readonly id: string; readonly display_name: string };
  readonly member_count: number;
  readonly created_at: string;
  readonly relation: "own" | "class" | "other";
  readonly join_code: string | null;
  readonly joinable: boolean | null;
  readonly quota: Quota | null;
}

export interface Member {
  readonly id: string;
  readonly display_name: string;
  readonly name: string | null;
  readonly joined_at: string;
  readonly sandbox_count: number;
}

export interface Invitation {
  readonly id: string;
  readonly role: AccountRole;
  readonly class_id: string | null;
  readonly note: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly uses_left: number;
}

export interface MadeInvitation extends Invitation {
  readonly secret: string;
}

export interface DirectoryUser extends User {
  readonly disabled: boolean;
  readonly seen_at: string;
  readonly sandbox_count: number;
  readonly class_count: number;
}

export interface QuotaList {
  readonly roles: Readonly<Record<Role, Quota>>;
  readonly effective_max: Grant;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: Named;
  readonly acting_as: Named | null;
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string; readonly name: string };
  readonly address: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface System {
  readonly version: string;
  readonly started_at: string;
  readonly uptime_s: number;
  readonly listen: string;
  readonly store: {
    readonly engine: string;
    readonly schema_version: number;
    readonly ok: boolean;
    readonly failure: string | null;
  };
  readonly cache: { readonly kind: string; readonly sessions: number; readonly tokens: number };
  readonly node: { readonly ready: boolean; readonly engine: string | null; readonly failure: string | null };
  readonly sandboxes: {
    readonly live: number;
    readonly max: number;
    readonly running: number;
    readonly paused: number;
    readonly stopped: number;
  };
  readonly users: { readonly accounts: number | null };
  readonly load: {
    readonly one: number;
    readonly five: number;
    readonly fifteen: number;
    readonly cpu_count: number;
    readonly memory_total_bytes: number;
    readonly memory_available_bytes: number;
    readonly disk_total_bytes: number;
    readonly disk_free_bytes: number;
  };
}
