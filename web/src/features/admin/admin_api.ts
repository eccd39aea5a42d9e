// AdminApi: users, invitations, quotas, registered databases, the audit log and the state of the
// server.

import type { InvitationApi } from "../../lib/invitations.svelte.js";
import type { AccountRole } from "../../lib/roles.js";
import { succeed } from "../../lib/result.js";
import type { Answer, Transport } from "../../lib/transport.js";
import type {
  AuditPage,
  Class,
  ClassList,
  Database,
  DatabaseList,
  DatabaseTest,
  DirectoryPage,
  DirectoryUser,
  InvitationList,
  Quota,
  QuotaList,
  ResetLink,
  Role,
  Session as SessionAnswer,
  System,
} from "../../protocol/api.generated.js";

export interface UserQuery {
  readonly query: string;
  readonly role: AccountRole | "";
}

export interface AuditQuery {
  readonly actor: string;
  readonly subject: string;
  readonly action: string;
  /** The whole time, or nothing. */
  readonly until: string;
}

const databases_path = "/api/v1/databases";
const trial_timeout_ms = 60_000;

/** Those of `values` that say something, as a query. */
export function queryOf(values: Readonly<Record<string, string>>): string {
  const said = Object.entries(values).filter(([, value]) => value !== "");
  return said.length === 0 ? "" : `?${new URLSearchParams(said).toString()}`;
}

export class AdminApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  users(query: UserQuery, after: string): Answer<DirectoryPage> {
    return this.#transport.json({ method: "GET", path: `/api/v1/users${queryOf({ ...query, after })}` });
  }

  changeUser(id: string, change: { readonly role?: AccountRole; readonly disabled?: boolean }): Answer<DirectoryUser> {
    return this.#transport.json({ method: "PATCH", path: `/api/v1/users/${id}`, json: change });
  }

  resetUser(id: string): Answer<ResetLink> {
    return this.#transport.json({ method: "POST", path: `/api/v1/users/${id}/reset` });
  }

  endSessions(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `/api/v1/users/${id}/sessions` });
  }

  removeUser(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `/api/v1/users/${id}` });
  }

  actAs(id: string): Answer<SessionAnswer> {
    return this.#transport.json({ method: "POST", path: `/api/v1/users/${id}/act-as` });
  }

  invitations(): InvitationApi {
    const path = "/api/v1/invitations";
    return {
      list: async () => {
        const list = await this.#transport.json<InvitationList>({ method: "GET", path });
        return list.ok ? succeed(list.value.invitations) : list;
      },
      make: (request) => this.#transport.json({ method: "POST", path, json: request }),
      revoke: (link_id) => this.#transport.none({ method: "DELETE", path: `${path}/${link_id}` }),
      classes: () => this.#classes(),
    };
  }

  async #classes(): Answer<readonly Class[]> {
    const list = await this.#transport.json<ClassList>({ method: "GET", path: "/api/v1/classes?all=true" });
    return list.ok ? succeed(list.value.classes) : list;
  }

  quotas(): Answer<QuotaList> {
    return this.#transport.json({ method: "GET", path: "/api/v1/quotas" });
  }

  setQuota(role: Role, quota: Quota): Answer<Quota> {
    return this.#transport.json({ method: "PUT", path: `/api/v1/quotas/${role}`, json: quota });
  }

  audit(query: AuditQuery, before: string): Answer<AuditPage> {
    return this.#transport.json({ method: "GET", path: `/api/v1/audit${queryOf({ ...query, before })}` });
  }

  async databases(): Answer<readonly Database[]> {
    const list = await this.#transport.json<DatabaseList>({ method: "GET", path: databases_path });
    return list.ok ? succeed(list.value.databases) : list;
  }

  /** Tries it first, which may take a while; as changeDatabase and testDatabase do. */
  registerDatabase(name: string, dsn: string): Answer<Database> {
    const json = { name, dsn };
    return this.#transport.json({ method: "POST", path: databases_path, json, timeout_ms: trial_timeout_ms });
  }

  changeDatabase(name: string, dsn: string): Answer<Database> {
    return this.#transport.json({ method: "PUT", path: `${databases_path}/${name}`, json: { dsn }, timeout_ms: trial_timeout_ms });
  }

  testDatabase(name: string): Answer<DatabaseTest> {
    return this.#transport.json({ method: "POST", path: `${databases_path}/${name}/test`, timeout_ms: trial_timeout_ms });
  }

  removeDatabase(name: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${databases_path}/${name}` });
  }

  system(): Answer<System> {
    return this.#transport.json({ method: "GET", path: "/api/v1/system" });
  }
}
